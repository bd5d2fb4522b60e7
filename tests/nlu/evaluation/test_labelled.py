"""Files of labelled texts: what stands in them is read, and what is wrong is named."""

from pathlib import Path

import pytest

from nlu.annotations import Annotation
from nlu.evaluation.labelled import (
    LabelledFile,
    Options,
    detect_languages,
    in_languages,
    read_labelled,
)
from nlu.training_data import OUT_OF_SCOPE
from nlu.yaml_file import FaultyFileError


def read(
    folder: Path, name: str, content: str | bytes, options: Options | None = None
) -> LabelledFile:
    """Read a file with this content."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_labelled(path, options or Options())


def test_columns_are_known_by_their_names(files: Path) -> None:
    """Whatever else the table holds; labels are any text."""
    train = read_labelled(files / "library_train.csv").part("train")
    test = read_labelled(files / "library_test.csv").part("test")

    assert {each.intent for each in train} == {"loan period", "renew-loan", "3", OUT_OF_SCOPE}
    assert [each.intent for each in test[-2:]] == [OUT_OF_SCOPE, OUT_OF_SCOPE]
    assert test[3].text == "can I extend the loan for a week, please"
    assert str(test[3].place) == "library_test.csv:5"


def test_chinese_columns_and_labels_are_read(files: Path) -> None:
    """Tabs separate the cells of a .tsv file."""
    train = read_labelled(files / "teahouse_train.tsv").part("train")

    assert {each.intent for each in train} == {"订座", "推荐茶", "营业时间", OUT_OF_SCOPE}
    assert detect_languages(train) == ("zh",)
    assert {each.language for each in in_languages(train, ("en", "zh"))} == {"zh"}


def test_entities_of_json_lines_are_read(files: Path) -> None:
    """A blank line is no row."""
    test = read_labelled(files / "teahouse_test.jsonl").part("test")

    assert [str(each.place) for each in test][3:] == [
        "teahouse_test.jsonl:5",
        "teahouse_test.jsonl:6",
    ]
    assert test[0].annotations == (Annotation("people", 4, 6, "2"),)
    assert test[2].text[2:4] == "绿茶"


def test_slots_of_conll_files_are_spans_of_the_text(files: Path) -> None:
    """Tokens that belong together are one entity, with or without blanks between them."""
    english, chinese = read_labelled(files / "evening.conll").part("test")

    assert (english.text, english.intent) == ("book a table for two tonight", "restaurant/book")
    assert [(a.name, a.value) for a in english.annotations] == [
        ("people", "two"),
        ("time", "tonight"),
    ]
    assert [(a.name, a.value, a.start) for a in chinese.annotations] == [
        ("time", "明天晚上八点", 0)
    ]


def test_parts_of_a_json_file_are_kept_apart(files: Path) -> None:
    """What is out of scope belongs to the part that its name ends with."""
    file = read_labelled(files / "parts.json")

    assert file.has_own_test
    assert [each.intent for each in file.part("train")] == ["window", "blinds", OUT_OF_SCOPE]
    assert [each.text for each in file.part("test")] == ["open a window", "tell me a joke"]


def test_rasa_yaml_may_have_any_labels(tmp_path: Path) -> None:
    """Names that a bot of ours could not have are read all the same."""
    text = (
        'version: "3.1"\nnlu:\n- intent: Ask Price\n  examples: |\n'
        "    - how much is [tea](drink)\n"
        "- lookup: drink\n  examples: |\n    - tea\n"
    )
    (only,) = read(tmp_path, "a.yml", text).part("test")

    assert (only.text, only.intent) == ("how much is tea", "Ask Price")
    assert only.annotations == (Annotation("drink", 12, 15, "tea"),)
    assert str(only.place) == "a.yml:5"


def test_the_older_json_of_rasa_is_read(tmp_path: Path) -> None:
    """`rasa_nlu_data` holds `common_examples`."""
    text = '{"rasa_nlu_data": {"common_examples": [{"text": "hi", "intent": "greet"}]}}'
    (only,) = read(tmp_path, "a.json", text).part("train")

    assert (only.text, only.intent) == ("hi", "greet")


def test_windows_files_are_read(tmp_path: Path) -> None:
    """A byte order mark, its line ends, and its semicolons."""
    content = b'\xef\xbb\xbfTEXT;label\r\n"one; or two\nlines";1\r\n\xe4\xb8\x89;0\r\n'
    found = read(tmp_path, "a.csv", content).part("test")

    assert [(each.text, each.intent) for each in found] == [
        ("one; or two\nlines", "1"),
        ("三", "0"),
    ]
    assert [str(each.place) for each in found] == ["a.csv:2", "a.csv:4"]


def test_columns_and_labels_may_be_named(tmp_path: Path) -> None:
    """Where the names say nothing."""
    options = Options("a", "c", frozenset({"rest"}))
    found = read(tmp_path, "a.csv", "a,b,c\nx,text,rest\ny,z,w\n", options).part("test")

    assert [(each.text, each.intent) for each in found] == [("x", OUT_OF_SCOPE), ("y", "w")]


def test_texts_without_a_label_may_be_out_of_scope(tmp_path: Path) -> None:
    """A list of texts is enough for them."""
    found = read(tmp_path, "a.json", '["one", "two"]', Options(unlabelled=True)).part("test")

    assert {each.intent for each in found} == {OUT_OF_SCOPE}


@pytest.mark.parametrize(
    ("name", "content", "line", "message"),
    [
        ("a.csv", "words,intent\nx,y\n", 1, "no column is known as the text; there are 'words'"),
        ("a.csv", "text,kind\nx,y\n", 1, "name it with --label-column"),
        ("a.csv", "text,intent\nx,y\n,y\n", 3, "has no text"),
        ("a.csv", "text,intent\nx\n", 2, "has no label"),
        ("a.csv", "text,intent\nx,y\na,b,c\n", 3, "3 cells where the header has 2"),
        ("a.csv", "", 1, "is empty"),
        ("a.csv", "text,intent\n", 1, "has no texts"),
        ("a.csv", "text,intent\nok,x\n退款,y\n".encode("gbk"), 3, "seems to be GBK"),
        ("a.tsv", "text,intent\nx,y\n", 1, "there are 'text,intent'"),
        ("a.jsonl", '{"text": "a", "intent": "b"}\n{"text": \n', 2, "is not JSON"),
        ("a.jsonl", '{"text": "a"}\n', 1, "no column is known as the label"),
        ("a.jsonl", '{"text": "a", "intent": null}\n', 1, "has no label"),
        (
            "a.jsonl",
            '{"text": "a", "intent": "b", "entities": [{"start": 0, "end": 9, "entity": "c"}]}',
            1,
            "an entity needs start, end",
        ),
        ("a.json", '[\n["a", "b"],\n"c"\n', 4, "is not JSON"),
        ("a.json", '[["a", "b"], ["c"]]', 1, "row 2: must be an object, or a list of text"),
        ("a.json", '{"a": 1}', 1, "must be a list of rows"),
        ("a.conll", "# text = a b\n1\ta\tO\n", 1, "has no intent; write `# intent = …`"),
        ("a.conll", "# intent = x\n# text = a b\n1\tc\tx\tO\n", 1, "the tokens are not those"),
        ("a.conll", "# intent = x\n1 a x O\n", 2, "separated by tabs"),
        ("a.yml", "nlu:\n- intent: x\n  examples: |\n    - [a](\n", 4, "bad annotation"),
        ("a.yml", "rules: []\n", 1, "must be Rasa NLU YAML"),
        ("a.txt", "x", 1, "no known kind of file; known are .conll"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    tmp_path: Path, name: str, content: str | bytes, line: int, message: str
) -> None:
    """And how to mend it."""
    with pytest.raises(FaultyFileError) as raised:
        read(tmp_path, name, content)
    found = [(fault.line, str(fault)) for fault in raised.value.faults]

    assert any(at == line and message in told for at, told in found), found


def test_a_missing_file_and_a_missing_part_are_told(tmp_path: Path, files: Path) -> None:
    """In a sentence, not a trace."""
    with pytest.raises(FaultyFileError, match="cannot be read: No such file"):
        read_labelled(tmp_path / "none.csv")
    parts = read(tmp_path, "a.json", '{"dev": [["a", "b"]]}')
    with pytest.raises(FaultyFileError, match="has the parts dev, but none is called 'test'"):
        parts.part("test")


def test_a_thousand_faults_are_told_in_few_lines(tmp_path: Path) -> None:
    """The rest is counted."""
    with pytest.raises(FaultyFileError) as raised:
        read(tmp_path, "a.csv", "text,intent\n" + "x,\n" * 1000)

    assert len(raised.value.faults) == 21
    assert "980 faults more" in raised.value.faults[-1].message
