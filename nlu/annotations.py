"""Entities marked in an example: `[text](entity)` or `[text]{"entity": "…", "value": "…"}`."""

import re
from dataclasses import dataclass
from pathlib import Path

from nlu.yaml_file import FaultyFileError, YamlFile

_ANNOTATION = re.compile(r"\[([^\[\]]+)\](?:\(([^()]+)\)|\{([^{}]+)\})")
_KEYS = {"entity", "value", "role", "group"}
#: What is left of a mistaken annotation once the good ones are gone, and what is wrong with it.
_MISTAKES = (
    (re.compile(r"\[\s*\]\s?[({]"), "an annotation of nothing; write the words between [ and ]"),
    (re.compile(r"\[[^\[\]]*\][({]\s*[)}]"), "an annotation without an entity between ( and )"),
    (re.compile(r"\[[^\[\]]*\]\([^()]*$"), "the ( of an annotation is not closed"),
    (re.compile(r"\[[^\[\]]*\]\{[^{}]*$"), "the { of an annotation is not closed"),
    (re.compile(r"\[[^\[\]]*\][ \u3000]+\(\w+\)"), "a blank between ] and ("),
    (re.compile(r"\[[^\[\]]*\]\w+\)"), "the ( of an annotation is missing after ]"),
    (re.compile(r"\[[^\[\]()]*\(\w+\)"), "the ] of an annotation is missing before ("),
    (re.compile(r"\[[^\[\]]*(?:\[|$)"), "[ is not closed; close it or leave it out"),
    (re.compile(r"\](?:\(\w*\)|\{)"), "] without [ before it"),
)


@dataclass(frozen=True, slots=True)
class Annotation:
    """An entity marked in an example: `text[start:end]`, half-open, in code points."""

    name: str
    start: int
    end: int
    value: str
    role: str | None = None
    group: str | None = None


def parse_example(line: str) -> tuple[str, tuple[Annotation, ...]]:
    """Return the plain text of an annotated example and its annotations.

    Raises:
        ValueError: an annotation that is not `[text](entity)` or `[text]{"entity": "..."}`, or
            brackets that can only be a mistaken one; the message says how to mend it.
    """
    text, at, annotations = "", 0, []
    for match in _ANNOTATION.finditer(line):
        between = line[at : match.start()]
        _check(between)
        text += between
        name, value, role, group = _target(match)
        said = match[1].strip()
        if not said or not name:
            raise ValueError(_MISTAKES[0 if not said else 1][1])
        start = len(text)
        text += match[1]
        annotations.append(Annotation(name, start, len(text), value, role, group))
        at = match.end()
    _check(line[at:])
    return text + line[at:], tuple(annotations)


def _check(between: str) -> None:
    """Refuse what can only be a mistaken annotation; other brackets are the customer's own."""
    if "[" not in between and "]" not in between:
        return
    for pattern, problem in _MISTAKES:
        if (found := pattern.search(between)) is not None:
            raise ValueError(f"{found[0].strip()!r}: {problem}, as in [London](city)")


def _target(match: re.Match[str]) -> tuple[str, str, str | None, str | None]:
    """Return name, value, role and group."""
    if match[2] is not None:
        name, _, value = match[2].partition(":")  # the older short form [text](entity:value)
        return name.strip(), value.strip() or match[1], None, None
    data: object
    try:
        data = YamlFile.parse("{" + match[3] + "}", path=Path("example")).data
    except FaultyFileError:
        data = None
    if not isinstance(data, dict) or "entity" not in data or set(data) - _KEYS:
        raise ValueError(f"an annotation needs entity (and perhaps value), not {{{match[3]}}}")
    role, group = (str(data[key]) if data.get(key) else None for key in ("role", "group"))
    return str(data["entity"]).strip(), str(data.get("value", match[1])), role, group
