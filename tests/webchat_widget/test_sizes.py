"""How much a visitor downloads."""

import gzip
import re

from tests.webchat_widget.scripted import STATIC

KIB = 1024
INLINE = re.compile(rb"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", re.IGNORECASE)


def packed(*patterns: str) -> int:
    """Return the bytes of the matching files, each compressed on its own as they are served."""
    files = [path for pattern in patterns for path in STATIC.glob(pattern)]
    assert files
    return sum(len(gzip.compress(path.read_bytes(), mtime=0)) for path in files)


def test_the_loader_has_at_most_5_kilobytes() -> None:
    """A host page pays no more than 5 KB for the button."""
    assert packed("loader.js") <= 5 * KIB


def test_the_widget_has_at_most_40_kilobytes() -> None:
    """Page, style and all modules together stay below 40 KB."""
    assert packed("widget.html", "widget.css", "widget.js", "widget/*.js") <= 40 * KIB


def test_pages_hold_no_inline_script_or_style() -> None:
    """A policy without 'unsafe-inline' breaks none of our pages."""
    pages = list(STATIC.rglob("*.html"))

    assert pages
    assert [path.name for path in pages if INLINE.search(path.read_bytes())] == []


def test_scripts_never_parse_html() -> None:
    """No script of ours has a word that turns text into HTML or code."""
    words = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|Function\(")
    scripts = list(STATIC.rglob("*.js"))

    assert scripts
    assert [path.name for path in scripts if words.search(path.read_text())] == []
