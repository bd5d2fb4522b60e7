"""Origins in settings mean what an operator meant, or stop the start."""

import pytest

from bots.origins import read_origin, read_origins


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://shop.example.com", "https://shop.example.com"),
        ("https://Shop.Example.com/", "https://shop.example.com"),
        ("https://shop.example.com:443", "https://shop.example.com"),
        ("http://localhost:8080/", "http://localhost:8080"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_an_origin_is_written_as_browsers_write_it(text: str, origin: str) -> None:
    """Browsers send neither slash nor default port, and no capitals."""
    assert read_origin(text) == origin


@pytest.mark.parametrize(
    "text",
    [
        "*",
        "https://*",
        "https://*.example.com",
        "www.example.com",
        "https://a.example/path",
        "https://u@a.example",
        "ftp://a.example",
        "https://a.example:x",
        "https://a.example 'unsafe-inline'",
        "https://a.example; script-src *",
    ],
)
def test_what_is_no_origin_is_refused(text: str) -> None:
    """A wildcard or a slip would open the widget to everybody, or to nobody."""
    with pytest.raises(ValueError, match="no origin"):
        read_origin(text)


def test_lists_are_read_with_gaps() -> None:
    """Blanks and empty places are nobody's origins."""
    assert read_origins("") == frozenset()
    assert read_origins("https://a.example, ,https://b.example/,") == {
        "https://a.example",
        "https://b.example",
    }
