"""Whole evaluations of small files, and the report of one."""

import json
import warnings
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import orjson
import pytest

from nlu.encoder import SentenceEncoder, open_encoder
from nlu.evaluation import pictures
from nlu.evaluation.labelled import in_languages, read_labelled
from nlu.evaluation.lessons import Plan, lessons
from nlu.evaluation.page import write_report
from nlu.evaluation.results import Results, gather
from nlu.evaluation.runs import CountingEncoder, run
from nlu.training_data import TrainingData


def measure(
    files: Path,
    train: str,
    test: str | None,
    language: str,
    *,
    plan: Plan | None = None,
    encoder: SentenceEncoder | None = None,
) -> Results:
    """Evaluate files of this folder."""
    languages = (language,)
    examples = in_languages(read_labelled(files / train).part("train"), languages)
    tested = None
    if test is not None:
        tested = in_languages(read_labelled(files / test).part("test"), languages)
    parts, notes = lessons(examples, tested, plan=plan or Plan())
    measured = run(parts, TrainingData(examples, languages), encoder=encoder)
    name = encoder.name if encoder is not None else "none"
    return gather(measured, title=train, languages=languages, encoder=name, notes=notes)


@pytest.fixture(scope="module")
def teahouse(files: Path) -> Results:
    """The Chinese files, without an encoder."""
    return measure(files, "teahouse_train.tsv", "teahouse_test.jsonl", "zh")


def test_a_test_file_is_measured(teahouse: Results) -> None:
    """In scope and out of it, with the entities that are annotated."""
    assert (teahouse.known, teahouse.unknown, teahouse.intents) == (4, 1, 3)
    assert teahouse.accuracy >= 0.75
    assert teahouse.taught == 18
    assert teahouse.auroc is not None
    assert [each.loss for each in teahouse.refusals] == [1, 2, 5]
    assert teahouse.spans is not None
    assert teahouse.spans.support == 2
    assert teahouse.first_stage is None
    for shares in (teahouse.outcomes_known, teahouse.outcomes_unknown):
        assert sum(shares.values()) == pytest.approx(1)
    assert teahouse.acted_right + teahouse.acted_wrong == pytest.approx(
        teahouse.outcomes_known["clear"]
    )


def test_cross_validation_tests_every_example(files: Path) -> None:
    """And gives the same figures again."""
    plan = Plan(folds=3)
    first, second = (measure(files, "library_train.csv", None, "en", plan=plan) for _ in range(2))

    assert (first.known, first.unknown) == (15, 4)
    assert first.taught == 13
    same = replace(
        second,
        training_seconds=first.training_seconds,
        interpret_ms=first.interpret_ms,
        interpret_ms_95=first.interpret_ms_95,
    )
    assert same == first
    assert sum(first.confusions.values()) == 15


def test_draws_are_told_apart(files: Path) -> None:
    """The headline is of all together, with the deviation between them."""
    plan = Plan(examples=3, seeds=(1, 2, 3))
    found = measure(files, "library_train.csv", "library_test.csv", "en", plan=plan)

    assert [each.seed for each in found.by_seed] == [1, 2, 3]
    assert found.known == 3 * 7
    assert found.accuracy == pytest.approx(sum(e.accuracy for e in found.by_seed) / 3)
    assert found.taught == 12


def test_the_share_of_the_first_stage_is_counted(files: Path, tmp_path: Path) -> None:
    """By what the encoder is asked; it is asked nothing about what it cannot read."""
    cache = Path(__file__).parents[3] / ".cache" / "tests"
    texts = ["please renew my loan", "how long may I keep a book"]
    encoder = open_encoder("all-MiniLM-L6-v2", cache_dir=cache, texts={"en": texts})
    assert encoder is not None
    counting = CountingEncoder(encoder)
    assert (counting.encode(texts) == encoder.encode(texts)).all()
    assert counting.asked == 2
    found = measure(files, "library_train.csv", "library_test.csv", "en", encoder=encoder)

    assert found.first_stage is not None
    assert 0 <= found.first_stage <= 1
    assert found.accuracy >= 0.8


def test_a_label_that_nobody_taught_is_noted(files: Path, tmp_path: Path) -> None:
    """Likely a slip: the texts count as wrong."""
    (tmp_path / "t.csv").write_text("text,intent\nrenew it,renew loan\nrenew,renew-loan\n")
    examples = in_languages(read_labelled(files / "library_train.csv").part("train"), ("en",))
    tested = in_languages(read_labelled(tmp_path / "t.csv").part("test"), ("en",))
    parts, _ = lessons(examples, tested)
    measured = run(parts, TrainingData(examples, ("en",)), encoder=None)
    found = gather(measured, title="t", languages=("en",), encoder="none")

    assert "'renew loan', which no example was taught with" in found.notes[0]
    assert found.accuracy == 0.5


def test_the_document_is_json(teahouse: Results) -> None:
    """Without the single scores, with all confusions."""
    found = json.loads(orjson.dumps(teahouse.document()))

    assert found["accuracy"] == teahouse.accuracy
    assert {each["name"] for each in found["by_intent"]} == {"订座", "推荐茶", "营业时间"}
    assert "scores_known" not in found
    assert all(each["truth"] != each["predicted"] for each in found["confusions"])


class _Page(HTMLParser):
    """The elements and texts of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.sources: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.sources += [value or "" for name, value in attrs if name in {"src", "srcset", "href"}]
        assert not any(name.startswith("on") for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_the_report_holds_hostile_texts_as_texts(files: Path, tmp_path: Path) -> None:
    """It loads nothing, runs nothing, and draws names that no font has without a warning."""
    hostile = "</style><script>alert(1)</script>$x^2$ 退款 \U0001fad6 \u202e"
    table = (files / "library_train.csv").read_text(encoding="utf-8")
    rows = table.replace("loan period", hostile).replace("due back", "due <img src=x onerror=1>")
    (tmp_path / "hostile.csv").write_text(rows, encoding="utf-8")
    found = measure(tmp_path, "hostile.csv", None, "en", plan=Plan(folds=2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        path = write_report(replace(found, title=hostile, notes=(hostile,)), tmp_path / "report")

    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    assert "script" not in page.tags
    assert page.tags.count("style") == 1
    assert page.sources
    assert all(each.startswith("data:image/png;base64,") for each in page.sources)
    assert any(hostile in word for word in page.words)
    for name in ("calibration", "confusion", "scores"):
        assert (tmp_path / "report" / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def test_chinese_names_are_escaped_where_no_font_has_them(
    teahouse: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a warning; with a font they are drawn."""
    with_font = pictures.draw(teahouse)["confusion"]
    monkeypatch.setattr(pictures, "_CHINESE_FONTS", ())
    for cached in (pictures._chinese_font, pictures._glyphs):
        cached.cache_clear()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            without = pictures.draw(teahouse)["confusion"]
        assert pictures._drawable("订座 $1") == "\\u8ba2\\u5ea7 $1"
    finally:
        for cached in (pictures._chinese_font, pictures._glyphs):
            cached.cache_clear()

    assert without.startswith(b"\x89PNG")
    assert without != with_font or pictures._chinese_font() is None
