"""HTML as the Markdown that passages are cut from: headings, lists, tables, links and emphasis."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urljoin

from lxml.html import HtmlElement

from knowledge_base.document import clean

#: Elements nobody reads, or that are there to be operated.
_SILENT: Final = frozenset(
    """
    script style noscript template title meta link base iframe object embed svg math canvas audio
    video form button select option textarea input img picture source dialog map
    """.split()  # noqa: SIM905 - a list of quoted words does not read
)
_BLOCKS: Final = frozenset(
    """
    address article aside blockquote body center dd details div dl dt fieldset
    figcaption figure footer h1 h2 h3 h4 h5 h6 header hgroup hr html li main nav ol
    p pre search section summary table tbody td tfoot th thead tr ul
    """.split()  # noqa: SIM905 - a list of quoted words does not read
)
_HEADING: Final = re.compile(r"h([1-6])")
_HIDDEN_STYLE: Final = re.compile(
    r"(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|"
    r"opacity\s*:\s*0(?![.\d]))",
    re.I,
)
_LINE_START: Final = re.compile(r"^(\s*)([#>+-]|\d{1,9}[.)])(?=\s|$)", re.M)
#: Deepest list that is kept as such.
_LISTS_MAX: Final = 6
#: Widest table that is kept; what is wider is layout.
_COLUMNS_MAX: Final = 30
#: What stands between the lines of a table's cell, which must stay one line.
_CELL_JOINT: Final = " · "


def remove_hidden(root: HtmlElement) -> None:
    """Take out of `root` what is not shown to readers: scripts, forms, hidden parts, comments."""
    for element in list(root.iter()):
        if element is root or element.getparent() is None:
            continue
        if not isinstance(element.tag, str) or element.tag in _SILENT or _is_hidden(element):
            element.drop_tree()


def to_markdown(root: HtmlElement, *, base: str | None = None) -> str:
    """Return the readable content of `root` as Markdown.

    Args:
        root: an element without hidden parts; see `remove_hidden`.
        base: the page's address, for links that are relative to it.
    """
    return "\n\n".join(block for block in _children(root, base, 0) if block.strip())


def escape(text: str) -> str:
    """Return plain `text` so that Markdown shows it as it stands."""
    text = re.sub(r"([\\`*\[\]<])", r"\\\1", text)
    text = re.sub(r"(?<!\w)_|_(?!\w)", r"\\_", text)
    return _LINE_START.sub(_escape_start, text)


def _escape_start(found: re.Match[str]) -> str:
    mark = found[2]
    return found[1] + (f"{mark[:-1]}\\{mark[-1]}" if mark[0].isdigit() else f"\\{mark}")


def _is_hidden(element: HtmlElement) -> bool:
    return (
        element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or bool(_HIDDEN_STYLE.search(element.get("style") or ""))
    )


def _children(element: HtmlElement, base: str | None, depth: int) -> Iterator[str]:
    """Yield the blocks inside `element`; text between blocks is a paragraph of its own."""
    for part in _runs(element, base):
        if isinstance(part, str):
            yield from _paragraphs(part)
        else:
            yield from _block(part, base, depth)


def _runs(element: HtmlElement, base: str | None) -> Iterator["str | HtmlElement"]:
    """Yield inline Markdown and block elements in turn; an inline element may hold blocks."""
    inline = [escape(_spaced(element.text))]
    for child in element:
        if isinstance(child.tag, str) and (child.tag in _BLOCKS or _holds_block(child)):
            yield "".join(inline)
            inline = []
            if child.tag in _BLOCKS:
                yield child
            else:
                yield from _runs(child, base)
        else:
            inline.append(_inline(child, base))
        inline.append(escape(_spaced(child.tail)))
    yield "".join(inline)


def _holds_block(element: HtmlElement) -> bool:
    return any(each.tag in _BLOCKS for each in element.iterdescendants() if each is not element)


def _spaced(text: str | None) -> str:
    return re.sub(r"\s+", " ", clean(text or ""))


def _paragraphs(inline: str) -> Iterator[str]:
    """Yield what line breaks leave of an inline run."""
    for line in inline.split("\n"):
        if text := re.sub(r" {2,}", " ", line).strip():
            yield text


def _inline(element: HtmlElement, base: str | None) -> str:
    if not isinstance(element.tag, str) or element.tag in _SILENT:
        return ""
    if element.tag == "br":
        return "\n"
    inner = escape(_spaced(element.text)) + "".join(
        _inline(child, base) + escape(_spaced(child.tail)) for child in element
    )
    match element.tag:
        case "b" | "strong":
            return _wrapped(inner, "**")
        case "i" | "em" | "cite":
            return _wrapped(inner, "*")
        case "code" | "kbd" | "samp" | "tt":
            code = " ".join(element.text_content().split())
            return f"`{code}`" if code and "`" not in code else escape(code)
        case "a":
            return _link(inner, element.get("href"), base)
        case _:
            return inner


def _wrapped(inner: str, mark: str) -> str:
    text = inner.strip()
    # Marks cannot span lines or hold each other, and empty ones would be shown.
    if not text or "\n" in text or "*" in text:
        return inner
    before = " " if inner[0].isspace() else ""
    after = " " if inner[-1].isspace() else ""
    return f"{before}{mark}{text}{mark}{after}"


def _link(inner: str, href: str | None, base: str | None) -> str:
    label = " ".join(inner.split())
    try:
        url = urljoin(base or "", (href or "").strip())
    except ValueError:
        return inner
    outward = re.match(r"(?:https?://[^\s/]|mailto:)", url, re.I) is not None
    if not label or not outward or re.search(r"[\s<>()\\]", url) or "](" in label:
        return inner
    # A link to another place of the same page leads nowhere in a message.
    return inner if base and url.partition("#")[0] == base and "#" in url else f"[{label}]({url})"


def _block(element: HtmlElement, base: str | None, depth: int) -> Iterator[str]:
    tag = element.tag
    if found := _HEADING.fullmatch(tag):
        text = " ".join(" ".join(_children(element, base, depth)).split())
        if text := re.sub(r"\[([^\]]*)\]\([^)]*\)|\*\*", r"\1", text).strip():
            yield f"{'#' * int(found[1])} {text}"
    elif tag == "summary":
        text = " ".join(" ".join(_children(element, base, depth)).split())
        yield f"{'#' * _level_below(element)} {text}" if text else ""
    elif tag in {"ul", "ol"}:
        yield _list(element, base, depth)
    elif tag == "table":
        yield from _table(element, base, depth)
    elif tag == "dl":
        yield from _definitions(element, base, depth)
    elif tag == "pre":
        code = clean(element.text_content()).strip("\n").replace("```", "'''")
        yield f"```\n{code}\n```" if code.strip() else ""
    elif tag == "blockquote":
        inner = "\n\n".join(_children(element, base, depth))
        yield "\n".join(f"> {line}".rstrip() for line in inner.split("\n")) if inner else ""
    elif tag != "hr":
        yield from _children(element, base, depth)


def _level_below(element: HtmlElement) -> int:
    """Return the level of a heading inside the section `element` stands in."""
    previous = element.xpath("preceding::*[self::h1 or self::h2 or self::h3 or self::h4][1]")
    return int(previous[0].tag[1]) + 1 if previous else 2


def _list(element: HtmlElement, base: str | None, depth: int) -> str:
    items: list[str] = []
    for number, item in enumerate(_items(element), start=1):
        mark = f"{number}. " if element.tag == "ol" else "- "
        inner = [b for b in _children(item, base, depth + 1) if b.strip()]
        if not inner:
            continue
        # Below the deepest level the items go on at that level.
        indent = " " * len(mark) if depth < _LISTS_MAX else ""
        lines = "\n".join(inner).split("\n")
        rest = [f"{indent}{line}" if line else "" for line in lines[1:]]
        items.append("\n".join([mark + lines[0].lstrip("# "), *rest]))
    return "\n".join(items)


def _items(element: HtmlElement) -> list[HtmlElement]:
    return [child for child in element if isinstance(child.tag, str)]


def _definitions(element: HtmlElement, base: str | None, depth: int) -> Iterator[str]:
    for part in element.iter("dt", "dd"):
        inner = [b for b in _children(part, base, depth) if b.strip()]
        if part.tag == "dt" and inner:
            yield f"**{' '.join(inner)}**" if "*" not in " ".join(inner) else " ".join(inner)
        else:
            yield from inner


def _table(element: HtmlElement, base: str | None, depth: int) -> Iterator[str]:
    """Yield a table of data as a table, and a table of layout as what stands in its cells."""
    rows = [row for row in element.iter("tr") if next(row.iterancestors("table")) is element]
    cells = [[cell for cell in row if cell.tag in {"td", "th"}] for row in rows]
    nested = element.find(".//table") is not None
    width = max(map(len, cells), default=0)
    if caption := element.find("caption"):
        yield from _children(caption, base, depth)
    if nested or width < 2 or width > _COLUMNS_MAX or len(rows) < 2:
        for row in cells:
            for cell in row:
                yield from _children(cell, base, depth)
        return
    filled = _filled(cells)
    lines = [_row(row, base) for row in filled]
    yield "\n".join([lines[0], "|---" * len(filled[0]) + "|", *lines[1:]])


def _filled(rows: list[list[HtmlElement]]) -> list[list["HtmlElement | None"]]:
    """Return the rows with a merged cell repeated in every row it spans, all equally long."""
    spanning: dict[int, tuple[int, HtmlElement]] = {}
    filled: list[list[HtmlElement | None]] = []
    for row in rows:
        line: list[HtmlElement | None] = []
        waiting = iter(row)
        while len(line) < _COLUMNS_MAX:
            column = len(line)
            if column in spanning:
                left, cell = spanning.pop(column)
                if left > 1:
                    spanning[column] = (left - 1, cell)
                line.append(cell)
                continue
            cell = next(waiting, None)
            if cell is None:
                break
            line.append(cell)
            if (down := _span(cell, "rowspan")) > 1:
                spanning[column] = (down - 1, cell)
            line.extend([None] * (_span(cell, "colspan") - 1))
        filled.append(line[:_COLUMNS_MAX])
    width = max(map(len, filled))
    return [line + [None] * (width - len(line)) for line in filled]


def _span(cell: HtmlElement, name: str) -> int:
    text = cell.get(name) or "1"
    return min(int(text), _COLUMNS_MAX) if text.isdecimal() and int(text) else 1


def _row(cells: list["HtmlElement | None"], base: str | None) -> str:
    texts = []
    for cell in cells:
        blocks = [] if cell is None else [b for b in _children(cell, base, 0) if b.strip()]
        lines = [line.strip().lstrip("-# ") for b in blocks for line in b.split("\n")]
        texts.append(_CELL_JOINT.join(filter(None, lines)).replace("|", "\\|"))
    return f"| {' | '.join(texts)} |"
