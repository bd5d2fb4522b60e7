"""Lines of a PDF page with their size and place, and the Markdown they amount to.

A PDF says where glyphs stand, not what they are: headings are what is larger or bolder than the
text or named in the outline, tables what stands in columns, paragraphs what is not far apart.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from knowledge_base.document import clean, one_line
from knowledge_base.markup import escape
from knowledge_base.terms import has_han

#: A line so many times larger than the text is a heading.
_LARGER: Final = 1.12
#: Longest heading, in characters.
_HEADING_MAX: Final = 140
#: Longest heading that is only bolder than the text, in characters.
_BOLD_HEADING_MAX: Final = 70
#: Lines further apart than so many times their size are not of one paragraph.
_APART: Final = 1.9
#: Columns are as far apart at most as this, in points, from row to row.
_ALIGNED: Final = 10.0
#: A line at the same place, at the top or bottom, of so many pages is not of the text.
_RUNNING_MIN: Final = 3

#: Shapes of glyphs that some programs write for the characters they look like.
_RADICALS: Final = dict(
    zip(
        "⺠⺩⺫⺟⻄⻘⻁⻅⻆⻉⻋⻓⻔⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻪⻬⻮⻰⻳⻎⼾",
        "民王目母西青虎见角贝车长门韦页风飞食马骨鬼鱼鸟卤麦黄黾齐齿龙龟辶户",
        strict=True,
    )
)
_SHAPES: Final = re.compile("[\u2e80-\u2fdf\ufb00-\ufb06]")
#: A line of a table of contents: dots lead to a page.
_CONTENTS: Final = re.compile(r".*(?:\.\s?|…\s?|·\s?){5,}\s*[\dIVXivx]{1,5}")
_BULLET: Final = re.compile(r"([-–•·●○▪■◆*\uf0b7\uf0a7]|\(?\d{1,3}[.)）、]|[a-z]\))\s*(?=\S)")
_ENDS: Final = re.compile(r"[.。!！?？;；:：…][\"'”’）)]?$")
_PAGE_NUMBER: Final = re.compile(
    r"[-–—]?\s*(?:(?:page|p\.|第)\s*)?\d{1,4}\s*(?:[/／]|of)?\s*\d{0,4}\s*页?\s*[-–—]?", re.I
)


@dataclass(slots=True)
class Line:
    """One line of a page."""

    page: int  #: from 1
    size: float = 0.0  #: of its letters, in points
    top: float = 0.0  #: distance from the foot of the page, in points
    bold: bool = False
    cells: list[tuple[float, str]] = field(default_factory=list)  #: (left edge, text)

    @property
    def text(self) -> str:
        """The line's words."""
        return readable("".join(text for _, text in self.cells))

    def add(self, left: float, text: str) -> None:
        """Add a piece of text; one that a gap parts from the last begins another cell."""
        if self.cells and not text[0].isspace():
            edge, before = self.cells[-1]
            self.cells[-1] = (edge, before + text)
        else:
            self.cells.append((left, text))


def readable(text: str) -> str:
    """Return text on one line, with the characters for which a PDF has only their shapes."""
    return one_line(clean(_SHAPES.sub(_character, text)))


def _character(found: re.Match[str]) -> str:
    return _RADICALS.get(found[0]) or unicodedata.normalize("NFKC", found[0])


def drop_running(pages: Sequence[list[Line]]) -> list[Line]:
    """Return the lines of all pages without page numbers, running titles and contents."""
    edges = [[*lines[:2], *lines[-2:]] if len(lines) > 4 else lines for lines in pages]
    counts: Counter[tuple[str, int]] = Counter()
    for edge in edges:
        counts.update({_shape(line) for line in edge})
    kept: list[Line] = []
    for lines, edge in zip(pages, edges, strict=True):
        marginal = {id(line) for line in edge}
        for line in lines:
            running = id(line) in marginal and (
                counts[_shape(line)] >= _RUNNING_MIN or _PAGE_NUMBER.fullmatch(line.text)
            )
            if line.text and not running and not _CONTENTS.fullmatch(line.text):
                kept.append(line)
    return kept


def _shape(line: Line) -> tuple[str, int]:
    """Return what running titles share: their words but for numbers, and their place."""
    return re.sub(r"\d+", "0", line.text), round(line.top / 3)


def lines_markdown(lines: Sequence[Line], outline: Mapping[tuple[int, str], int]) -> str:
    """Return lines as Markdown with headings, paragraphs, lists and tables.

    Args:
        lines: of the whole document, in reading order.
        outline: (page, title without blanks) -> depth from 1, as the document's outline has it.
    """
    levels = _levels(lines)
    body = _body_size(lines)
    blocks: list[str] = []
    run: list[Line] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        rows = _table_rows(lines[at:])
        level = 0 if rows else _level(line, levels, body, outline)
        if not level and not rows:
            run.append(line)
            at += 1
            continue
        blocks.extend(_paragraphs(run))
        run = []
        if rows:
            blocks.append(_table(lines[at : at + rows]))
            at += rows
            continue
        # A heading of two lines is one heading.
        end = at + 1
        while end < len(lines) and _continues(lines[end - 1], lines[end], levels, body):
            end += 1
        title = _joined([each.text for each in lines[at:end]])
        blocks.append(f"{'#' * min(level, 6)} {escape(title)}{_page(line.page, title)}")
        at = end
    blocks.extend(_paragraphs(run))
    return "\n\n".join(blocks)


def page_headings(pages: Sequence[Sequence[Line]], *, chinese: bool) -> str:
    """Return the text of pages below a heading for each: for documents without headings."""
    blocks: list[str] = []
    for lines in pages:
        if lines:
            number = lines[0].page
            blocks.append(f"## 第 {number} 页" if chinese else f"## Page {number}")
            blocks.extend(_paragraphs(list(lines)))
    return "\n\n".join(blocks)


def _page(number: int, title: str) -> str:
    return f"（第 {number} 页）" if has_han(title) else f" (p. {number})"


def _body_size(lines: Sequence[Line]) -> float:
    """Return the size most of the text has."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size, 1)] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def _levels(lines: Sequence[Line]) -> dict[float, int]:
    """Return the sizes of headings, largest first, with their levels from 1."""
    body = _body_size(lines)
    sizes = {
        round(line.size, 1)
        for line in lines
        if line.size >= body * _LARGER and len(line.text) <= _HEADING_MAX
    }
    return {size: min(n, 4) for n, size in enumerate(sorted(sizes, reverse=True), start=1)}


def _level(
    line: Line,
    levels: Mapping[float, int],
    body: float,
    outline: Mapping[tuple[int, str], int],
) -> int:
    text = line.text
    if (depth := outline.get((line.page, re.sub(r"\s+", "", text)))) is not None:
        return depth
    if len(text) > _HEADING_MAX or not re.search(r"[^\W\d_]", text):
        return 0
    if level := levels.get(round(line.size, 1), 0):
        return level
    short = len(text) <= _BOLD_HEADING_MAX and not _ENDS.search(text)
    bold = line.bold and short and not _BULLET.match(text) and line.size >= body
    return max(levels.values(), default=1) + 1 if bold else 0


def _continues(line: Line, below: Line, levels: Mapping[float, int], body: float) -> bool:
    return (
        line.page == below.page
        and round(line.size, 1) == round(below.size, 1)
        and round(line.size, 1) in levels
        and line.size > body
        and line.bold == below.bold
        and 0 < line.top - below.top <= _APART * line.size
        and len(below.text) <= _HEADING_MAX
    )


def _table_rows(lines: Sequence[Line]) -> int:
    """Return how many of the first lines stand in the same columns, if it is a table."""
    first = _columns(lines[0])
    if len(first) < 2:
        return 0
    rows = 1
    for line in lines[1:]:
        columns = _columns(line)
        aligned = len(columns) == len(first) and all(
            abs(a - b) <= _ALIGNED for a, b in zip(first, columns, strict=True)
        )
        if not aligned or line.page != lines[0].page:
            break
        rows += 1
    return rows if rows >= 3 or (rows == 2 and len(first) >= 2 and lines[0].bold) else 0


def _columns(line: Line) -> list[float]:
    return [left for left, text in line.cells if text.strip()]


def _table(lines: Sequence[Line]) -> str:
    rows = [
        " | ".join(
            escape(readable(text)).replace("|", "\\|") for _, text in line.cells if text.strip()
        )
        for line in lines
    ]
    divider = "|---" * len(_columns(lines[0])) + "|"
    return "\n".join([f"| {rows[0]} |", divider, *(f"| {row} |" for row in rows[1:])])


def _paragraphs(lines: Sequence[Line]) -> list[str]:
    blocks: list[list[str]] = []
    previous: Line | None = None
    widest = max((len(line.text) for line in lines), default=0)
    for line in lines:
        text = line.text
        if found := _BULLET.match(text):
            number = re.match(r"\(?(\d{1,3})[.)）、]", found[0])
            mark = f"{number[1]}." if number else "-"
            item = f"{mark} {escape(text[found.end() :])}"
            in_list = bool(blocks) and _is_item(blocks[-1][0])
            blocks.append([item])
            if in_list:
                blocks[-2:] = [[*blocks[-2], "\n" + item]]
        elif previous is None or not blocks or _breaks(previous, line, widest):
            blocks.append([escape(text)])
        else:
            blocks[-1].append(escape(text))
        previous = line
    return [_joined(block) for block in blocks]


def _is_item(text: str) -> bool:
    return re.match(r"(?:-|\d{1,3}\.) ", text) is not None


def _breaks(line: Line, below: Line, widest: int) -> bool:
    """Tell whether a new paragraph begins between two lines."""
    ended = _ENDS.search(line.text) is not None
    if line.page != below.page:
        return ended
    if line.top - below.top > _APART * max(line.size, 1.0):
        return True
    return ended and len(line.text) < 0.75 * widest


def _joined(parts: Sequence[str]) -> str:
    """Return the lines of a paragraph as one: Chinese without blanks, divided words whole."""
    text = parts[0]
    for part in parts[1:]:
        if part.startswith("\n"):
            text += part
        elif re.search(r"[a-z]-$", text) and part[:1].islower():
            text = text[:-1] + part
        elif has_han(text[-1:]) or has_han(part[:1]) or re.search("[，。、；：！？）”]$", text):
            text += part
        else:
            text += f" {part}"
    return text
