"""Files that are no YAML, or not in UTF-8, are told by line and with what to do."""

from pathlib import Path

import pytest

from nlu.yaml_file import FaultyFileError, YamlFile


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b"a:\n\tb: 1\n", 2, "a tab at the beginning of the line; indent with blanks"),
        (b"a: |\n  x\n\ty\n", 3, "a tab at the beginning of the line"),
        ("a: 1\nb: 我要退款\n".encode("gbk"), 2, "seems to be GBK; save it as UTF-8"),
        ("a: 1\n\nb: 我要退貨嗎\n".encode("big5"), 3, "save it as UTF-8"),
        (b"a: 1\nb: caf\xe9\n", 2, "is not UTF-8 (byte 0xe9); save it as UTF-8"),
        ("a: 1\n".encode("utf-16"), 1, "is UTF-16, not UTF-8"),
        (b"a: 1\nb: 2\nc: \x00\n", 3, "the invisible character U+0000; delete it"),
        (b"a: 1\nb: [1\n", 3, "not valid YAML"),
    ],
)
def test_what_cannot_be_read_is_named_by_line(
    tmp_path: Path, content: bytes, line: int, message: str
) -> None:
    """And what to do is said."""
    path = tmp_path / "a.yml"
    path.write_bytes(content)
    with pytest.raises(FaultyFileError) as raised:
        YamlFile.read(path)
    (fault,) = raised.value.faults

    assert (fault.path, fault.line) == (path, line)
    assert message in fault.message


def test_files_of_windows_editors_are_read(tmp_path: Path) -> None:
    """With the mark before the text and their line ends."""
    path = tmp_path / "a.yml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: |\r\n  x\r\n  y\r\n")
    file = YamlFile.read(path)

    assert file.data == {"a": 1, "b": "x\ny\n"}
    assert file.line(("b",)) == 2


def test_a_tab_inside_a_text_is_text(tmp_path: Path) -> None:
    """Only indentation must be blanks."""
    path = tmp_path / "a.yml"
    path.write_text("a: |\n  x\ty\n", encoding="utf-8")

    assert YamlFile.read(path).data == {"a": "x\ty\n"}
