"""What looks like a slip in the training data is told, and lets the bot be served."""

import shutil
from pathlib import Path

import pytest

from dialogues.check import inspect_folder
from tests.dialogues.talks import FOLDER


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the test bot to write into."""
    return Path(shutil.copytree(FOLDER, tmp_path / "corner_shop"))


def warnings(folder: Path, extra: str) -> list[tuple[int, str, str]]:
    """Return line, key and message of the warnings about a file of this content."""
    path = folder / "intents" / "extra.yml"
    path.write_text(f'version: "3.1"\nnlu:\n{extra}', encoding="utf-8")
    inspection = inspect_folder(folder)
    assert [str(f) for f in inspection.faults if "nothing starts" not in f.message] == []
    found = inspection.warnings()
    assert all(warning.path == path for warning in found), [str(each) for each in found]
    return [(each.line, each.key, each.message) for each in found]


def test_a_clean_bot_has_no_warnings() -> None:
    """The test bot is clean."""
    assert inspect_folder(FOLDER).warnings() == []


def test_a_near_duplicate_of_a_shared_example_is_told(folder: Path) -> None:
    """With the place of the other."""
    text = (
        "- intent: news_sign_up\n  examples:\n  - please, the persons\n  - please take feedback\n"
    )
    first, second = warnings(folder, text.replace("the persons", "a person please"))

    assert first[:2] == (5, "news_sign_up.examples")
    assert "nearly the same as 'a person please' (ask_human.yml:" in first[2]
    assert second[:2] == (6, "news_sign_up.examples")
    assert "nearly the same as 'take my feedback' (all.yml:" in second[2]
    assert "of give_feedback; keep one" in second[2]


def test_many_near_duplicates_of_two_intents_are_told_in_few_lines(folder: Path) -> None:
    """The rest is counted."""
    words = ("one", "two", "three", "four", "five", "six", "seven", "eight")
    texts = {
        intent: "".join(f"  - {opening} {word} leaflet about tea\n" for word in words)
        for intent, opening in (("give_feedback", "post"), ("news_sign_up", "please post"))
    }
    told = warnings(
        folder,
        "".join(f"- intent: {intent}\n  examples:\n{text}" for intent, text in texts.items()),
    )

    twins = [message for _, _, message in told if "nearly the same" in message]
    assert len(twins) == 5
    assert sum(message.endswith("more such pairs") for message in twins) == 1


def test_a_question_of_an_article_is_told_with_its_file(folder: Path) -> None:
    """It is an example too."""
    article = next(iter(sorted((folder / "knowledge").glob("*.en.md"))))
    lines = article.read_text(encoding="utf-8").splitlines()
    number = next(n for n, line in enumerate(lines, 1) if line.startswith("  - "))
    question = lines[number - 1].removeprefix("  - ")
    text = f"- intent: news_sign_up\n  examples:\n  - please, {question}\n"
    ((line, _, message),) = warnings(folder, text)

    assert line == 5
    assert f"({article.name}:{number}) of ask_knowledge" in message


def test_a_misspelt_entity_is_told_with_the_one_that_was_meant(folder: Path) -> None:
    """A single annotation like no other is told too; one of many examples is an entity."""
    text = (
        "- intent: news_sign_up\n  examples:\n  - mail me about the [cups](prodct)\n"
        "  - write when [spring](season) comes\n"
        "  - post in [oak](colour) letters\n  - post on [red](colour) paper\n"
        "  - post in a [blue](colour) box\n"
    )
    assert warnings(folder, text) == [
        (5, "news_sign_up.examples", "no entity is called 'prodct'; did you mean 'product'?"),
        (
            6,
            "news_sign_up.examples",
            (
                "the entity 'season' is annotated only once; annotate more examples, or list its "
                "values under lookups"
            ),
        ),
    ]


def test_an_annotated_entity_may_fill_a_slot(folder: Path) -> None:
    """It is found by the words that are annotated."""
    flow = folder / "flows/request_quote.yml"
    flow.write_text(flow.read_text().replace("entity: product,", "entity: colour,", 1))
    told = [str(fault) for fault in inspect_folder(folder).faults]
    assert any("no entity is called 'colour'" in each for each in told), told
    (folder / "intents/colours.yml").write_text(
        'version: "3.1"\nnlu:\n- intent: request_quote\n  examples:\n'
        "  - a price for a [red](colour) one\n  - a [green](colour) quote\n",
        encoding="utf-8",
    )
    told = [str(fault) for fault in inspect_folder(folder).faults]
    assert not any("colour" in each for each in told), told


def test_an_unsafe_pattern_is_a_fault_at_its_own_line(folder: Path) -> None:
    """Not at the top of the file."""
    bot = folder / "bot.yml"
    text = bot.read_text(encoding="utf-8")
    bot.write_text(text.replace("patterns:\n", "patterns:\n  code: '(a+)+'\n"), encoding="utf-8")
    (fault,) = inspect_folder(folder).faults

    line = bot.read_text(encoding="utf-8").splitlines().index("  code: '(a+)+'") + 1
    assert (fault.path, fault.line, fault.key) == (bot, line, "patterns.code")
    assert "unnest it" in fault.message
