"""Articles are read strictly, and every fault is named by file, key and line."""

from datetime import date
from pathlib import Path

import pytest

from knowledge_base.articles import read_articles, training_questions
from nlu.yaml_file import Fault, FaultyFileError

ARTICLES = Path(__file__).parent / "articles"
LANGUAGES = ("en", "zh")

GOOD = """---
title: How do I return it?
questions:
  - Can I send it back?
  - return policy
updated: 2026-09-01
---
Within **30 days**.
"""


def write(folder: Path, name: str, text: str = GOOD) -> Path:
    """Write a file as it stands, line ends included."""
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="")
    return path


def faults_of(folder: Path, *languages: str) -> list[Fault]:
    """Return the faults that reading `folder` raises."""
    with pytest.raises(FaultyFileError) as caught:
        read_articles(folder, languages or ("en",))
    return caught.value.faults


def test_every_file_of_the_folder_is_an_article() -> None:
    """Each article is read in each language, ordered, with its front matter and a version."""
    articles = read_articles(ARTICLES, LANGUAGES)
    keys = [(article.id, article.language) for article in articles]

    assert len(articles) == 30
    assert keys == sorted(keys)
    returns = articles[keys.index(("returns", "en"))]
    assert returns.title == "How do I return a bicycle?"
    assert returns.url == "/help/returns"
    assert returns.tags == ("returns",)
    assert returns.body.startswith("You can return")
    assert len(returns.version) == 12
    assert len({article.version for article in articles}) == len(articles)


def test_a_missing_folder_holds_no_articles(tmp_path: Path) -> None:
    """A bot without knowledge is not a fault."""
    assert read_articles(tmp_path / "knowledge", LANGUAGES) == []


def test_the_version_changes_with_the_content(tmp_path: Path) -> None:
    """An answer can be traced to the very text it was taken from."""
    write(tmp_path, "returns.en.md")
    (before,) = read_articles(tmp_path, ("en",))
    write(tmp_path, "returns.en.md", GOOD.replace("30", "14"))
    (after,) = read_articles(tmp_path, ("en",))

    assert before.version != after.version


def test_files_written_on_windows_are_read(tmp_path: Path) -> None:
    """A byte order mark and CR LF line ends make no difference."""
    write(tmp_path, "returns.en.md", "\ufeff" + GOOD.replace("\n", "\r\n"))
    (article,) = read_articles(tmp_path, ("en",))

    assert article.title == "How do I return it?"
    assert article.body == "Within **30 days**."


@pytest.mark.parametrize(
    ("text", "key", "line", "message"),
    [
        (GOOD.replace("---\nWithin", "colour: red\n---\nWithin"), "colour", 7, "Extra inputs"),
        (GOOD.replace("title: How do I return it?\n", ""), "title", 2, "Field required"),
        (GOOD.replace("  - return policy\n", ""), "questions", 3, "at least 2"),
        (GOOD.replace("return policy", "'?!'"), "questions.1", 5, "no words"),
        (GOOD.replace("2026-09-01", "soon"), "updated", 6, "date"),
        (GOOD.replace("---\nWithin", "audience: boss\n---\nWithin"), "audience", 7, "'public'"),
        (GOOD.replace("---\nWithin", "url: javascript:x\n---\nWithin"), "url", 7, "https://"),
        (GOOD.replace("---\nWithin", "url: //evil.example\n---\nWithin"), "url", 7, "https://"),
        (GOOD.replace("---\nWithin", "title: Again\n---\nWithin"), "title", 7, "twice"),
        (GOOD.replace("Within **30 days**.", " "), "", 8, "no text"),
        (GOOD.removeprefix("---\n"), "", 1, "three dashes"),
        (GOOD.replace("---\nWithin", "Within"), "", 1, "not closed"),
        ("---\n---\ntext", "", 1, "empty"),
        ("---\ntitle: [\n---\ntext", "", 3, "not valid YAML"),
    ],
)
def test_a_faulty_article_is_named_by_key_and_line(
    tmp_path: Path, text: str, key: str, line: int, message: str
) -> None:
    """What is wrong inside a file is found where it stands."""
    path = write(tmp_path, "returns.en.md", text)
    (fault,) = faults_of(tmp_path)

    assert (fault.path, fault.key, fault.line) == (path, key, line)
    assert message in fault.message


@pytest.mark.parametrize("name", ["Returns.en.md", "returns.md", "re turns.en.md"])
def test_a_file_name_must_say_article_and_language(tmp_path: Path, name: str) -> None:
    """A file that is not named like an article is a fault, not silently skipped."""
    write(tmp_path, name)
    (fault,) = faults_of(tmp_path)

    assert "<id>.<language>.md" in fault.message


def test_an_undeclared_language_is_a_fault(tmp_path: Path) -> None:
    """An article in a language the bot does not have would never be found."""
    write(tmp_path, "returns.en.md")
    write(tmp_path, "returns.fr.md")
    (fault,) = faults_of(tmp_path)

    assert fault.path.name == "returns.fr.md"
    assert "fr is not a language" in fault.message


def test_a_missing_language_version_is_a_fault(tmp_path: Path) -> None:
    """Every article exists in every language of the bot."""
    path = write(tmp_path, "returns.en.md")
    (fault,) = faults_of(tmp_path, "en", "zh")

    assert fault.path == path
    assert "returns.zh.md" in fault.message


def test_a_question_belongs_to_one_article(tmp_path: Path) -> None:
    """The same question, but for form, in two articles is a fault at the second one."""
    write(tmp_path, "a.en.md")
    other = GOOD.replace("Can I send it back?", "Something else").replace("How do", "Where do")
    path = write(tmp_path, "b.en.md", other.replace("return policy", "RETURN  Policy!"))
    (fault,) = faults_of(tmp_path)

    assert (fault.path, fault.key, fault.line) == (path, "questions.1", 5)
    assert "a.en.md:5" in fault.message


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    """Several broken files are mended in one go; a broken file does not count as missing."""
    write(tmp_path, "a.en.md", "nothing")
    write(tmp_path, "a.zh.md", GOOD.replace("title", "titel"))
    (tmp_path / "b.en.md").write_bytes(b"---\ntitle: \xff\n---\n")
    faults = faults_of(tmp_path, "en", "zh")

    assert {fault.path.name for fault in faults} == {"a.en.md", "a.zh.md", "b.en.md"}
    assert any("not UTF-8" in fault.message and fault.line == 2 for fault in faults)
    assert any("no b.zh.md" in fault.message for fault in faults)
    assert not any("no a." in fault.message for fault in faults)


def test_the_interpreter_learns_public_wordings_only() -> None:
    """Titles and questions train `ask_knowledge`; staff wordings stay out of the model."""
    wordings = training_questions(read_articles(ARTICLES, LANGUAGES))

    assert "How do I return a bicycle?" in wordings["en"]
    assert "退货政策" in wordings["zh"]
    assert "staff discount limit" not in wordings["en"]
    assert len(wordings["en"]) == len(wordings["zh"]) == 84


def test_front_matter_holds_validity_owner_and_kind_of_answer(tmp_path: Path) -> None:
    """First and last day count; a last day before the first is a fault with its line."""
    more = "valid_from: 2026-09-01\nvalid_to: 2026-09-30\nreview_by: 2026-09-15\nowner: Returns\n"
    write(tmp_path, "returns.en.md", GOOD.replace("updated:", f"{more}answer: whole\nupdated:"))
    (article,) = read_articles(tmp_path, ("en",))

    assert (article.answer_kind, article.owner) == ("whole", "Returns")
    assert article.review_by == date(2026, 9, 15)
    days = [(8, 31), (9, 1), (9, 30), (10, 1)]
    assert [article.is_valid(date(2026, *day)) for day in days] == [False, True, True, False]

    wrong = more.replace("2026-09-30", "2026-08-30")
    write(tmp_path, "returns.en.md", GOOD.replace("updated:", f"{wrong}updated:"))
    (fault,) = faults_of(tmp_path)
    assert (fault.line, fault.key) == (7, "valid_to")
    assert "before valid_from" in fault.message


def test_a_nul_in_a_text_is_a_fault(tmp_path: Path) -> None:
    """No database takes a NUL, so the file is refused with the line."""
    write(tmp_path, "returns.en.md", GOOD + "more\0\n")
    (fault,) = faults_of(tmp_path)
    assert (fault.line, fault.message) == (9, "holds a NUL, which is no text")
