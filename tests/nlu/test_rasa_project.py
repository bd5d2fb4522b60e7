"""A bot's training data as a Rasa project: all of it, as Rasa writes it."""

from pathlib import Path

import yaml

from nlu.rasa_project import annotated, make_project
from nlu.training_data import Annotation, Example, TrainingData, parse_example

DATA = TrainingData(
    examples=(
        Example("wo ist der Tee", "find_tea", "de"),
        Example("send it to Oslo now", "send", "en", (Annotation("city", 11, 15, "oslo", "to"),)),
        Example("订单到广州", "send", "zh", (Annotation("city", 3, 5, "广州"),)),
        Example("line\nbreak \x07 and #: 'quotes'", "send", "en"),
        Example("when do you open ?!", "faq/hours", "en"),
        Example("几点开门？", "faq/hours", "zh"),
    ),
    languages=("en", "zh"),
    synonyms={"oslo": ("Kristiania",)},
    lookups={"city": ("Oslo", "Bergen")},
    patterns={"order": (r"A-\d{4}",)},
)


def test_everything_a_bot_is_taught_stands_in_the_project(tmp_path: Path) -> None:
    """Examples with their entities, in both Chinese scripts; words, expressions, names."""
    project = make_project(
        DATA, name="shop", patterns={"voucher": "V1"}, lookups={"tea": {"green": ["Green Tea"]}}
    )
    project.write(tmp_path)
    nlu = yaml.safe_load((tmp_path / "data" / "nlu.yml").read_text(encoding="utf-8"))["nlu"]
    domain = yaml.safe_load((tmp_path / "domain.yml").read_text(encoding="utf-8"))
    config = yaml.safe_load((tmp_path / "config.yml").read_text(encoding="utf-8"))
    said = {item["intent"]: item["examples"].splitlines() for item in nlu if "intent" in item}

    sent = '- send it to [Oslo]{"entity": "city", "value": "oslo", "role": "to"} now'
    assert {sent, "- 订单到[广州](city)"} < {*said["send"]}
    assert '- 訂單到[廣州]{"entity": "city", "value": "广州"}' in said["send"]
    assert "- when do you open" in said["faq/hours"]
    assert {"- 几点开门", "- 幾點開門"} <= {*said["faq/hours"]}
    assert all(line.startswith("- ") for lines in said.values() for line in lines)
    assert domain["intents"] == ["faq", "find_tea", "send"]
    assert domain["entities"] == ["city", "order", "tea", "voucher"]
    assert set(domain["responses"]) == {"utter_faq/hours"}
    assert {"synonym": "green", "examples": "- Green Tea\n"} in nlu
    assert {"lookup": "tea", "examples": "- Green Tea\n"} in nlu
    assert {"regex": "voucher", "examples": "- V1\n"} in nlu
    names = [part["name"] for part in config["pipeline"]]
    assert names[0] == "JiebaTokenizer"
    assert "ResponseSelector" in names


def test_a_bot_without_chinese_needs_no_jieba() -> None:
    """The tokenizer of a language with blanks has no need of anything more."""
    project = make_project(TrainingData(DATA.examples[:2], ("en",)), name="shop")

    names = [part["name"] for part in project.config["pipeline"]]
    assert names[0] == "WhitespaceTokenizer"
    assert "ResponseSelector" not in names


def test_an_unchanged_project_is_not_touched(tmp_path: Path) -> None:
    """Files are written when they say something new, so that Rasa trains only then."""
    make_project(DATA, name="shop").write(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.yml")}
    assert len(before) == 3

    make_project(DATA, name="shop").write(tmp_path)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.yml")} == before

    make_project(DATA, name="shop", epochs=3).write(tmp_path)
    changed = {p.name for p, t in before.items() if p.stat().st_mtime_ns != t}
    assert changed == {"config.yml"}


def test_annotations_are_read_as_they_are_written() -> None:
    """Writing and reading an example gives the same text, entities, roles and groups."""
    for example in DATA.examples:
        assert parse_example(annotated(example.text, example.annotations)) == (
            example.text,
            example.annotations,
        )
