"""Intents that overlap are found by the words of their examples."""

from nlu.overlaps import bare, find_overlaps
from nlu.training_data import OUT_OF_SCOPE, Example

REFUND = "money back|refund this|i want to be refunded|give me my money|return the money"
OPENING = "when do you open|opening times|are you open on sunday|what hours are you open"


def examples(intent: str, texts: str, language: str = "en") -> list[Example]:
    """Return examples of an intent."""
    return [Example(text, intent, language) for text in texts.split("|")]


def test_courtesy_articles_and_plurals_tell_nothing_apart() -> None:
    """In either language and script."""
    assert bare("Could you please tell me the opening times?") == bare("opening time")
    assert bare("请问退款") == bare("退款")
    assert bare("the") == ""
    assert bare("this is glass") == "this is glass"
    assert bare("two boxes, three copies and a bus") == bare("two box three copy and bus")


def test_near_duplicates_across_intents_are_found() -> None:
    """Whatever the courtesy around them; within one intent they are welcome."""
    data = [
        *examples("refund", f"{REFUND}|please refund this|退款给我"),
        *examples("hours", f"{OPENING}|refund this, please|opening time"),
        *examples("back", "请问退款给我|退貨", "zh"),
        *examples("refund", "退款给我|钱", "zh"),
    ]
    twins, _ = find_overlaps(data)

    found = {(each.first.text, each.second.text) for each in twins}
    assert ("please refund this", "refund this, please") in found
    assert ("请问退款给我", "退款给我") in found
    assert all(each.first.intent != each.second.intent for each in twins)
    assert all("opening" not in each.first.text for each in twins)


def test_an_intent_drawn_to_another_is_found_with_its_nearest_examples() -> None:
    """By models that were not taught the examples they judge."""
    openings = (
        *("where is", "tell me about", "i need", "show me", "what about"),
        *("find", "look for", "give me", "i want", "any word on"),
    )
    said = [f"{opening} the {thing}" for opening in openings for thing in ("parcel", "order")]
    data = [
        *examples("track", "|".join(said[::4] + said[3::4])),
        *examples("locate", "|".join(said[1::4] + said[2::4])),
        *examples("hours", OPENING),
    ]
    _, confusions = find_overlaps(data)

    worst = confusions[0]
    assert {worst.intent, worst.other} == {"track", "locate"}
    assert worst.taken >= 4
    for mine, other in worst.pairs:
        assert (mine.intent, other.intent) == (worst.intent, worst.other)


def test_what_means_nothing_known_overlaps_with_nothing() -> None:
    """It is meant to be near everything."""
    data = [
        *examples("refund", REFUND),
        *examples("hours", OPENING),
        *examples(OUT_OF_SCOPE, f"{REFUND}|{OPENING}"),
    ]
    twins, confusions = find_overlaps(data)

    assert twins == []
    assert confusions == []


def test_few_examples_and_one_intent_are_no_trouble() -> None:
    """There is nothing to compare."""
    assert find_overlaps([]) == ([], [])
    assert find_overlaps(examples("refund", REFUND)) == ([], [])
    assert find_overlaps([*examples("a", "x"), *examples("b", "y")]) == ([], [])
