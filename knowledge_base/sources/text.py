"""Plain text files: paragraphs, plain headings, lists, and question-answer pairs."""

import re
from typing import Final

from knowledge_base.decoding import decode
from knowledge_base.document import Document, Extract, Reading, UnreadableError, one_line
from knowledge_base.markup import escape
from knowledge_base.sources.markdown import name_as_title
from knowledge_base.terms import question_key

SUFFIXES: Final = (".txt", ".text")
MEDIA_TYPES: Final = ("text/plain",)

#: Longest line that may be a heading, in characters.
_HEADING_MAX: Final = 80
_UNDERLINE: Final = re.compile(r"(?:=|-|~|\*){3,}")
_CHAPTER: Final = re.compile(
    r"第\s*[一二三四五六七八九十百零〇\d]+\s*[章节節条條部分篇]|[一二三四五六七八九十]+、|"
    r"(?:Chapter|Section|Part|Appendix)\s+[\dIVXA-Z]+\b|\d{1,2}(?:\.\d{1,2}){0,3}\.?\s+(?=[A-Z\u4e00-\u9fff])"
)
_BULLET: Final = re.compile(r"(?:[-*•·●○▪■◆–]|\(?\d{1,3}[.)）、]|[（(]\d{1,3}[)）])\s*(?=\S)")
_QUESTION: Final = re.compile(r"(?:Q|Question|问题?|問題?)\s*\d{0,4}\s*[.:：、]\s*(?=\S)", re.I)
_ANSWER: Final = re.compile(r"(?:A|Answer|答案?|回复|回覆)\s*\d{0,4}\s*[.:：、]\s*", re.I)
_ENDS: Final = re.compile(r"[.。!！?？;；,，:：…]$")


def read(document: Document) -> Reading:
    """Return the file as one article, or one for each question if it is made of such pairs.

    Raises:
        UnreadableError: no text, or an empty one.
    """
    text = decode(document.raw, declared=document.charset)
    if not text.strip():
        message = "has no text"
        raise UnreadableError(message)
    if pairs := _pairs(text.split("\n")):
        return Reading(tuple(pairs))
    blocks = text_blocks(text)
    title = name_as_title(document.key)
    if blocks[0].startswith("#") and len(blocks) > 1:
        title = one_line(blocks[0].lstrip("# ").replace("\\", ""))
        blocks = blocks[1:]
    return Reading((Extract(title, "\n\n".join(blocks)),))


def text_blocks(text: str) -> list[str]:
    """Return the blocks of a plain text as Markdown."""
    blocks: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text.strip("\n")):
        lines = [line.strip() for line in paragraph.split("\n") if line.strip()]
        blocks.extend(_blocks(lines))
    return blocks


def _blocks(lines: list[str]) -> list[str]:
    blocks: list[list[str]] = []
    for number, line in enumerate(lines):
        below = lines[number + 1] if number + 1 < len(lines) else ""
        if _UNDERLINE.fullmatch(line):
            continue
        if _is_heading(line, below, alone=len(lines) == 1):
            blocks.append([f"## {escape(line)}"])
        elif (found := _BULLET.match(line)) and found.end() < len(line):
            mark = re.match(r"\(?(\d{1,3})[.)]\s", found[0])
            item = f"{mark[1]}. " if mark else "- "
            item += escape(line[found.end() :])
            if blocks and blocks[-1][0].startswith(("- ", *(f"{n}. " for n in range(10)))):
                blocks[-1].append(item)
            else:
                blocks.append([item])
        elif blocks and not blocks[-1][0].startswith("#"):
            in_list = blocks[-1][0].startswith(("- ", "1. "))
            blocks[-1].append(f"  {escape(line)}" if in_list else escape(line))
        else:
            blocks.append([escape(line)])
    return ["\n".join(block) for block in blocks]


def _is_heading(line: str, below: str, *, alone: bool) -> bool:
    if len(line) > _HEADING_MAX or _ENDS.search(line):
        return False
    if len(below) >= 3 and _UNDERLINE.fullmatch(below):
        return True
    return _CHAPTER.match(line) is not None and (alone or not _CHAPTER.match(below))


def _pairs(lines: list[str]) -> list[Extract]:
    """Return the questions with their answers, if the text is a series of such."""
    pairs: list[tuple[int, str, list[str]]] = []
    answering = False
    for number, line in enumerate(lines, start=1):
        stripped = line.strip()
        if found := _QUESTION.match(stripped):
            pairs.append((number, one_line(stripped[found.end() :]), []))
            answering = False
        elif not pairs:
            if stripped and number > 5:
                return []
        elif not answering and (found := _ANSWER.match(stripped)):
            pairs[-1][2].append(stripped[found.end() :])
            answering = True
        elif answering:
            pairs[-1][2].append(line)
    whole = [pair for pair in pairs if pair[1] and any(map(str.strip, pair[2]))]
    if len(whole) < 2 or len(whole) < len(pairs):
        return []
    return [
        Extract(
            title=question,
            body="\n\n".join(text_blocks("\n".join(answer))),
            key=question_key(question),
            where=f"line {number}",
            answer_kind="whole",
        )
        for number, question, answer in whole
    ]
