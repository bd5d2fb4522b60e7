"""What is taught and tested: never the same text, always the same parts."""

import pytest

from nlu.evaluation.cross_validation import few, folds
from nlu.evaluation.lessons import LessonsError, Plan, lessons
from nlu.text import comparable
from nlu.training_data import OUT_OF_SCOPE, Example

EXAMPLES = [
    Example(f"{word} {number}", intent, language)
    for intent, language, word in (
        ("refund", "en", "money back"),
        ("refund", "zh", "退款"),
        ("track", "en", "parcel"),
        (OUT_OF_SCOPE, "en", "weather"),
    )
    for number in ("one", "two", "three", "four", "five", "six")
]


def test_every_example_is_tested_once_and_each_fold_has_its_share() -> None:
    """Of each intent and language."""
    parts = folds(EXAMPLES, count=3)

    assert sorted(e.text for part in parts for e in part.tested) == sorted(
        e.text for e in EXAMPLES
    )
    for part in parts:
        assert len(part.taught) == 16
        kinds = [(e.intent, e.language) for e in part.tested]
        assert {kind: kinds.count(kind) for kind in kinds} == dict.fromkeys(kinds, 2)
        assert not {e.text for e in part.taught} & {e.text for e in part.tested}


def test_folds_do_not_depend_on_the_order_but_on_the_seed() -> None:
    """The same data is measured the same way, whatever file comes first."""

    def tested(examples: list[Example], seed: int) -> list[set[str]]:
        return [{e.text for e in part.tested} for part in folds(examples, count=3, seed=seed)]

    assert tested(EXAMPLES, 1) == tested(EXAMPLES[::-1], 1)
    assert tested(EXAMPLES, 1) != tested(EXAMPLES, 2)


def test_texts_that_differ_in_no_word_stay_together() -> None:
    """In Traditional Chinese, in capitals or with other punctuation, even under other labels."""
    same = [
        Example("我要退货", "a", "zh"),
        Example("我要退貨！", "a", "zh"),
        Example("Refund", "a", "en"),
        Example("refund?!", "b", "en"),
    ]
    for part in folds([*EXAMPLES, *same], count=4):
        taught = {comparable(e.text) for e in part.taught}
        assert not taught & {comparable(e.text) for e in part.tested}


def test_few_examples_are_drawn_of_each_intent_and_language() -> None:
    """Another seed draws others."""
    first, second = (few(EXAMPLES, count=2, seed=seed) for seed in (1, 2))

    assert len(first) == len(second) == 8
    assert first == few(EXAMPLES[::-1], count=2, seed=1)
    assert first != second


def test_what_is_tested_is_not_taught() -> None:
    """Unless it is asked for."""
    tested = [Example("Money back, ONE", "refund", "en")]
    (part,), notes = lessons(EXAMPLES, tested)
    (whole,), _ = lessons(EXAMPLES, tested, plan=Plan(keep_tested=True))

    assert len(part.taught) == len(EXAMPLES) - 1
    assert notes == ["1 examples were not taught, because they are tested word for word"]
    assert len(whole.taught) == len(EXAMPLES)


def test_strange_texts_are_tested_once_and_need_not_be_taught() -> None:
    """By each model a share of them in cross-validation."""
    strange = [Example(f"sing {n}", OUT_OF_SCOPE, "en") for n in range(7)]
    parts, _ = lessons(EXAMPLES, None, strange, plan=Plan(folds=2, teach_out_of_scope=False))

    assert len(parts) == 2
    tested = [e.text for part in parts for e in part.tested]
    assert sorted(tested) == sorted([e.text for e in EXAMPLES] + [e.text for e in strange])
    assert all(e.intent != OUT_OF_SCOPE for part in parts for e in part.taught)


def test_few_examples_are_drawn_several_times() -> None:
    """One draw would be chance."""
    tested = [Example("the money", "refund", "en")]
    parts, _ = lessons(EXAMPLES, tested, plan=Plan(examples=2))

    assert [part.seed for part in parts] == [1, 2, 3, 4, 5]
    assert len({part.taught for part in parts}) > 1


@pytest.mark.parametrize(
    ("examples", "tested", "plan", "message"),
    [
        (EXAMPLES[:6], [EXAMPLES[-1]], Plan(), "at least two intents"),
        (EXAMPLES, [], Plan(), "no texts to test"),
        (EXAMPLES, EXAMPLES[:1], Plan(seeds=(1, 2)), "say --examples"),
    ],
)
def test_what_cannot_be_measured_is_told(
    examples: list[Example], tested: list[Example], plan: Plan, message: str
) -> None:
    """With what to do."""
    with pytest.raises(LessonsError, match=message):
        lessons(examples, tested, plan=plan)
