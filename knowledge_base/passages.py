"""Passages: the parts of an article that can be found and shown, cut where its headings are.

Lists and tables stay whole. A passage keeps two forms of each block: plain text to search in and
the Markdown subset of the web chat to show, in which a table is a list of its rows.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal, overload

import numpy as np
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markdown_it.tree import SyntaxTreeNode
from numpy.typing import NDArray

from knowledge_base.articles import Article
from knowledge_base.terms import has_han, size

#: Longest passage in words as `terms.size` counts them: about 260 English words or 430 Chinese
#: characters; a longer section is cut between blocks.
PASSAGE_WORDS: Final = 260

_SENTENCE_END: Final = re.compile(r"(?<=[。！？；])|(?<=[.!?])(?=\s+[\"'“(\[*_`]*[A-Z0-9])")
#: Full stops after which an English sentence goes on.
_ABBREVIATION: Final = re.compile(r"(?:\b(?:e\.g|i\.e|etc|approx|no|mr|mrs|dr|vs|st)\.)$", re.I)

#: What names an item: bold at its beginning, or a few words before a colon.
_LABEL: Final = re.compile(r"[-*+]\s+(?:\*\*([^*\n]{1,60})\*\*|([^:：。.\n]{1,40})[:：])")

BlockKind = Literal["text", "list", "table", "code"]


@dataclass(frozen=True, slots=True)
class Part:
    """One row of a table or one item of a list."""

    label: str  #: plain text of what names it: the first cell, or what is bold or before a colon
    markdown: str


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, list, table or code block."""

    kind: BlockKind
    plain: str
    markdown: str
    parts: tuple[Part, ...] = ()  #: of a table and of a list without an order


@dataclass(frozen=True, slots=True)
class Passage:
    """A retrievable part of an article."""

    id: str  #: "<article id>.<language>#<number>", numbers from 1 in reading order
    headings: tuple[str, ...]  #: plain text of the headings above, outermost first
    blocks: tuple[Block, ...]

    @property
    def plain(self) -> str:
        """The text without markup."""
        return "\n".join(block.plain for block in self.blocks)

    @property
    def markdown(self) -> str:
        """The text to show."""
        return "\n\n".join(block.markdown for block in self.blocks)


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def split_sentences(text: str) -> list[str]:
    """Return the sentences of one paragraph, English and Chinese."""
    sentences: list[str] = []
    for part in _SENTENCE_END.split(text):
        if sentences and _ABBREVIATION.search(sentences[-1]):
            sentences[-1] += part
        elif part.strip():
            sentences.append(part)
    return [sentence.strip() for sentence in sentences]


@lru_cache(maxsize=4096)
def split_passages(article: Article) -> tuple[Passage, ...]:
    """Return the passages of `article` in reading order; every block is in exactly one."""
    sections: list[tuple[tuple[str, ...], list[Block]]] = [((), [])]
    path: list[tuple[int, str]] = []
    for node in SyntaxTreeNode(_parser().parse(article.body)).children:
        if node.type == "heading":
            level = int(node.tag[1])
            path = [(n, text) for n, text in path if n < level]
            path.append((level, _plain(node)))
            sections.append((tuple(text for _, text in path), []))
        else:
            sections[-1][1].extend(_blocks(node, article.body))
    passages: list[Passage] = []
    for headings, blocks in sections:
        for part in _fit(blocks):
            passages.append(Passage(_passage_id(article, len(passages)), headings, tuple(part)))
    # A body of headings or rules alone is shown as it stands.
    whole = Block("text", article.body, article.body)
    return tuple(passages) or (Passage(_passage_id(article, 0), (), (whole,)),)


class PassageList(Sequence[Passage]):
    """The passages of all articles in order, cut from an article when they are looked at."""

    def __init__(self, articles: Sequence[Article], starts: NDArray[np.int64], size: int) -> None:
        self._articles = articles
        self._starts = starts
        self._size = size

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, number: int) -> Passage: ...
    @overload
    def __getitem__(self, number: slice) -> list[Passage]: ...
    def __getitem__(self, number: int | slice) -> Passage | list[Passage]:
        if isinstance(number, slice):
            return [self[each] for each in range(*number.indices(self._size))]
        if not 0 <= number < self._size:
            raise IndexError(number)
        article = int(np.searchsorted(self._starts, number, side="right")) - 1
        return split_passages(self._articles[article])[number - int(self._starts[article])]


def _passage_id(article: Article, before: int) -> str:
    return f"{article.id}.{article.language}#{before + 1}"


def _fit(blocks: list[Block]) -> list[list[Block]]:
    """Cut a section into parts of at most PASSAGE_WORDS; a longer single block stays whole."""
    parts: list[list[Block]] = []
    words = 0
    for block in blocks:
        length = size(block.plain)
        introduced = bool(parts and parts[-1] and _introduces(parts[-1][-1]))
        if not parts or (words + length > PASSAGE_WORDS and not introduced):
            parts.append([])
            words = 0
        parts[-1].append(block)
        words += length
    return parts


def _introduces(block: Block) -> bool:
    return block.kind == "text" and block.plain.endswith((":", "："))


def _blocks(node: SyntaxTreeNode, source: str) -> list[Block]:
    match node.type:
        case "paragraph":
            return _paragraph(node)
        case "bullet_list" | "ordered_list":
            plain = "\n".join(_plain(item) for item in node.children)
            parts = _items(node, source) if node.type == "bullet_list" else ()
            return [Block("list", plain, _source(node, source), parts)]
        case "table":
            return [_table(node)]
        case "fence" | "code_block":
            return [Block("code", node.content.strip(), f"`{node.content.strip()}`")]
        case "blockquote":
            return [block for child in node.children for block in _blocks(child, source)]
        case _:  # a thematic break carries no text
            return []


def _paragraph(node: SyntaxTreeNode) -> list[Block]:
    """Return a paragraph, cut at sentence ends when it is longer than a passage may be."""
    markdown = _inline_markdown(node)
    plain = _plain(node)
    if size(plain) <= PASSAGE_WORDS:
        return [Block("text", plain, markdown)] if plain else []
    joint = "" if has_han(plain) else " "
    cuts: list[list[str]] = [[]]
    for sentence in split_sentences(markdown):
        if cuts[-1] and size(joint.join([*cuts[-1], sentence])) > PASSAGE_WORDS:
            cuts.append([])
        cuts[-1].append(sentence)
    texts = [joint.join(cut) for cut in cuts if cut]
    return [Block("text", plain_text(text), text) for text in texts]


def _table(node: SyntaxTreeNode) -> Block:
    head, *rest = node.children
    names = [_plain(cell) for cell in head.children[0].children]
    rows = [row for part in rest for row in part.children]
    plain = [" ".join(_plain(cell) for cell in row.children) for row in rows]
    shown: list[str] = []
    labels: list[str] = []
    for row in rows:
        cells = [_inline_markdown(cell) for cell in row.children]
        first = f"**{cells[0]}**" if cells[0] and "*" not in cells[0] else cells[0]
        colon = "：" if has_han("".join(names) + cells[0]) else ": "
        others = [
            f"{name}{colon}{cell}" if name else cell
            for name, cell in zip(names[1:], cells[1:], strict=False)
            if cell
        ]
        separator = "；" if colon == "：" else "; "
        shown.append(f"- {first}" + (f"{colon}{separator.join(others)}" if others else ""))
        labels.append(_plain(row.children[0]) if row.children else "")
    parts = tuple(Part(label, line) for label, line in zip(labels, shown, strict=True))
    return Block("table", "\n".join([" ".join(names), *plain]), "\n".join(shown), parts)


def _items(node: SyntaxTreeNode, source: str) -> tuple[Part, ...]:
    """Return the items of a list, each with what names it, "" where nothing does."""
    parts: list[Part] = []
    for item in node.children:
        markdown = _source(item, source)
        bold = _LABEL.match(markdown)
        parts.append(Part(plain_text(bold[1] or bold[2]) if bold is not None else "", markdown))
    return tuple(parts)


def _source(node: SyntaxTreeNode, source: str) -> str:
    start, end = node.map or (0, 0)
    return "\n".join(line.rstrip() for line in source.split("\n")[start:end]).strip()


def _inline_markdown(node: SyntaxTreeNode) -> str:
    return " ".join(
        child.content.replace("\n", "" if has_han(child.content) else " ")
        for child in node.children
        if child.type == "inline"
    ).strip()


def _plain(node: SyntaxTreeNode) -> str:
    """Return the words of a node; soft breaks are spaces between words and nothing in Chinese."""
    parts: list[str] = []
    for child in node.walk():
        if child.type in {"text", "code_inline", "fence", "code_block"}:
            parts.append(child.content)
        elif child.type in {"softbreak", "hardbreak"}:
            parts.append("" if parts and has_han(parts[-1][-1:]) else " ")
        elif child.type in {"paragraph", "list_item"} and parts:
            parts.append(" ")
    return " ".join("".join(parts).split())


def plain_text(markdown: str) -> str:
    """Return the words of a piece of inline Markdown."""
    tokens: list[Token] = _parser().parseInline(markdown)
    return _plain(SyntaxTreeNode(tokens))
