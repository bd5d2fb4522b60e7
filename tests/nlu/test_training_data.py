"""Training data: what is written is read, and each mistake is named by file, key and line."""

from pathlib import Path

import pytest

from nlu.training_data import (
    Annotation,
    TrainingData,
    base_intent_files,
    parse_example,
    read_training_data,
)
from nlu.yaml_file import Fault, FaultyFileError


def faults_of(folder: Path, text: str, *, base: bool = False) -> list[Fault]:
    """Return the faults of an intent file that holds `text`."""
    path = folder / "intents.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FaultyFileError) as raised:
        read_training_data([path], languages=("en", "zh"), base=base)
    assert all(fault.path == path for fault in raised.value.faults)
    return raised.value.faults


GOOD = """version: "3.1"
nlu:
- intent: refund
  examples: |
    - money back
    - refund please
    - 退款
    - 把钱退给我
"""


def test_the_shared_intents_are_rich_and_sound() -> None:
    """Fifteen intents, 25 examples or more in each language, and no fault among them."""
    data = read_training_data([], languages=("en", "zh"))

    assert len(data.intents) == len(base_intent_files()) == 15
    for intent in data.intents:
        for language in ("en", "zh"):
            count = sum(e.intent == intent and e.language == language for e in data.examples)
            assert count >= 25, (intent, language)


def test_a_bot_is_not_taught_languages_it_does_not_speak() -> None:
    """The shared intents of an English bot are English."""
    data = read_training_data([], languages=("en",))

    assert {e.language for e in data.examples} == {"en"}
    assert all(e.text.isascii() for e in data.examples)


def test_annotations_of_both_forms_are_read() -> None:
    """`[text](entity)` and `[text]{...}` leave plain text and spans of it."""
    text, found = parse_example(
        'send [two]{"entity": "quantity", "value": "2"} [pods](product) [now](when:today)'
    )

    assert text == "send two pods now"
    assert found == (
        Annotation("quantity", 5, 8, "2"),
        Annotation("product", 9, 13, "pods"),
        Annotation("when", 14, 17, "today"),
    )


def test_synonyms_lookups_and_regexes_are_read(shop: TrainingData) -> None:
    """A Rasa project's word lists come along."""
    assert shop.synonyms == {"kettle_one": ("the small kettle",)}
    assert shop.lookups == {"branch": ("Oxford Street", "南京路")}
    assert shop.patterns == {"voucher": (r"V\d{4}",)}


def test_questions_of_articles_are_examples_unless_an_intent_has_them(tmp_path: Path) -> None:
    """`extra` adds examples; one that is written under an intent stays there alone."""
    path = tmp_path / "refund.yml"
    path.write_text(GOOD, encoding="utf-8")
    data = read_training_data(
        [path],
        languages=("en", "zh"),
        extra={"ask_knowledge": ["Money back?", "How long do refunds take?"]},
        base=False,
    )

    assert [e.text for e in data.examples if e.intent == "ask_knowledge"] == [
        "How long do refunds take?"
    ]


@pytest.mark.parametrize(
    ("text", "line", "key", "message"),
    [
        (GOOD + "extra: 1\n", 9, "extra", "unknown key"),
        (GOOD.replace('"3.1"', '"2.0"'), 1, "version", "must be"),
        (GOOD.replace("  examples", "  example"), 4, "nlu.0.example", "unknown key"),
        (GOOD.replace("- intent: refund", "- intents: refund"), 3, "nlu.0", "needs one of"),
        (GOOD.replace("refund\n", "Re Fund\n", 1), 3, "nlu.0.intent", "must match"),
        (GOOD.replace("    - money back\n", "    -\n"), 5, "nlu.0.examples", "empty example"),
        (GOOD.replace("    - money back\n", "    money\n"), 5, "nlu.0.examples", "start with"),
        (GOOD.replace("money back", "!!!"), 5, "refund.examples", "no words"),
        (GOOD.replace("money back", "[it]{x: 1}"), 5, "refund.examples", "annotation"),
        (GOOD.replace("money back", "m" * 501), 5, "refund.examples", "longer than"),
        (GOOD.replace("    - 退款\n", ""), 3, "nlu.0.intent", "1 example in zh"),
        (GOOD.replace("money back", "[money](thing"), 5, "refund.examples", "( of an annotation"),
        (GOOD.replace("money back", "[money]thing)"), 5, "refund.examples", "is missing after ]"),
        (GOOD.replace("money back", "[money] (thing)"), 5, "refund.examples", "a blank between"),
        (GOOD.replace("money back", "[money(thing)"), 5, "refund.examples", "is missing before ("),
        (GOOD.replace("money back", '[money]{"entity": "x"'), 5, "refund.examples", "{ of an"),
        (GOOD.replace("money back", "[](thing) back"), 5, "refund.examples", "of nothing"),
        (GOOD.replace("money back", "[ ](thing) back"), 5, "refund.examples", "of nothing"),
        (GOOD.replace("money back", "[money]() back"), 5, "refund.examples", "without an entity"),
        (GOOD.replace("money back", "the [money back"), 5, "refund.examples", "[ is not closed"),
        (GOOD.replace("money back", "money](thing)"), 5, "refund.examples", "] without ["),
        (GOOD.replace("money back", "[a [b](c)](d)"), 5, "refund.examples", "[ is not closed"),
        (GOOD.replace("money back", '[m]{"entity": "}'), 5, "refund.examples", "needs entity"),
        (
            GOOD + "- intent: empty\n  examples: |\n    # none yet\n",
            10,
            "nlu.1.examples",
            "no examples",
        ),
        (GOOD + "- intent: ''\n  examples: |\n    - a\n", 9, "nlu.1.intent", "must be a name"),
        (
            GOOD + "- regex: code\n  examples: |\n    - A\\d{3}\n    - (a+)+\n",
            12,
            "code.examples",
            "unnest it",
        ),
        ("nlu: [}", 1, "", "not valid YAML"),
        ("- 1\n", 1, "", "must be a mapping"),
    ],
)
def test_a_mistake_is_named_by_file_key_and_line(
    tmp_path: Path, text: str, line: int, key: str, message: str
) -> None:
    """Who wrote it finds it at once."""
    found = faults_of(tmp_path, text)

    assert any(
        fault.line == line and fault.key == key and message in fault.message for fault in found
    ), [str(fault) for fault in found]


@pytest.mark.parametrize("again", ["Money  BACK!", "ｍｏｎｅｙ ｂａｃｋ", "把錢退給我。"])
def test_an_example_under_two_intents_is_a_fault(tmp_path: Path, again: str) -> None:
    """Compared after NFKC, lower case, Simplified Chinese and without punctuation."""
    second = f"""- intent: other
  examples: |
    - one thing
    - two things
    - 一件事
    - 另一件事
    - {again}
"""
    (fault,) = faults_of(tmp_path, GOOD + second)

    assert (fault.line, fault.key) == (15, "other.examples")
    assert "refund" in fault.message
    assert "intents.yml:" in fault.message


def test_an_example_of_a_shared_intent_cannot_be_taken(tmp_path: Path) -> None:
    """Hello greets; a bot's file that says otherwise is at fault, not the shared one."""
    (fault,) = faults_of(tmp_path, GOOD.replace("money back", "Hello"), base=True)

    assert (fault.line, fault.key) == (5, "refund.examples")
    assert "greet" in fault.message


def test_a_shared_intent_may_be_extended_by_one_example(tmp_path: Path) -> None:
    """The least number of examples counts for a bot's own intents."""
    path = tmp_path / "greet.yml"
    text = 'version: "3.1"\nnlu:\n- intent: greet\n  examples:\n  - moin moin\n'
    path.write_text(text, encoding="utf-8")
    data = read_training_data([path], languages=("en", "zh"))

    assert any(e.text == "moin moin" and e.intent == "greet" for e in data.examples)


def test_brackets_that_are_no_annotation_are_text() -> None:
    """Customers write them too."""
    for line in ("press [OK]", "it says [error 3] again", "smile :]", "a (b) c", "1) first"):
        assert parse_example(line) == (line, ())


def test_an_example_that_stands_twice_is_a_warning(tmp_path: Path) -> None:
    """It is taught once; a shared example may be repeated."""
    path = tmp_path / "refund.yml"
    text = GOOD + "    - Money back!\n- intent: greet\n  examples:\n  - Hello\n"
    path.write_text(text, encoding="utf-8")
    data = read_training_data([path], languages=("en", "zh"))

    (warning,) = data.warnings
    assert (warning.path, warning.line, warning.key) == (path, 9, "refund.examples")
    assert "stands here already (refund.yml:5); delete one" in warning.message
    assert sum(e.intent == "refund" for e in data.examples) == 4


def test_examples_know_where_they_stand(tmp_path: Path) -> None:
    """For whoever has to mend them."""
    path = tmp_path / "refund.yml"
    path.write_text(GOOD, encoding="utf-8")
    data = read_training_data([path], languages=("en", "zh"), extra={"other": ["one more"]})

    places = {e.text: str(e.place) for e in data.examples if e.intent in {"refund", "other"}}
    assert places["refund please"] == "refund.yml:6"
    assert places["one more"] == "None"
