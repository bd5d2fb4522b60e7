"""CoNLL files of sentences with intent and slots: `# text = …`, `# intent = …`, a token a line."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nlu.annotations import Annotation
from nlu.evaluation.rows import Row
from nlu.yaml_file import Fault


@dataclass(slots=True)
class _Sentence:
    line: int = 0
    facts: dict[str, str] = field(default_factory=dict)
    tokens: list[tuple[str, str, int]] = field(default_factory=list)  #: token, slot tag, line


def read_conll(text: str, path: Path, faults: list[Fault]) -> list[Row]:
    """Return the sentences of a CoNLL file, which blank lines separate.

    The last column of a token's line is its slot in IOB2 (`B-date`, `I-date`, `O`), the one before
    it the intent, if the comment does not name it.
    """
    rows: list[Row] = []
    sentence = _Sentence()
    for number, line in enumerate([*text.split("\n"), ""], 1):
        stripped = line.strip()
        if not stripped:
            if sentence.line:
                row = _row(sentence, path, faults)
                rows += [row] if row is not None else []
            sentence = _Sentence()
            continue
        sentence.line = sentence.line or number
        if stripped.startswith("#"):
            name, equals, value = stripped[1:].partition("=")
            if equals:
                sentence.facts[name.strip()] = value.strip()
            continue
        cells = line.split("\t")
        if len(cells) < 3:
            message = "needs columns separated by tabs: number, token, intent, slot"
            faults.append(Fault(path, number, "", message))
            continue
        sentence.tokens.append((cells[1].strip(), cells[-1].strip(), number))
        if len(cells) >= 4:
            sentence.facts.setdefault("intent", cells[-2].strip())
    return rows


def _row(sentence: _Sentence, path: Path, faults: list[Fault]) -> Row | None:
    intent = sentence.facts.get("intent", "")
    text = sentence.facts.get("text") or " ".join(token for token, _, _ in sentence.tokens)
    if not intent or not text:
        missing = "intent" if not intent else "text"
        message = f"the sentence has no {missing}; write `# {missing} = …` above it"
        faults.append(Fault(path, sentence.line, "", message))
        return None
    spans = _spans(sentence.tokens, text)
    if spans is None:
        message = "the tokens are not those of `# text = …`, in order"
        faults.append(Fault(path, sentence.line, "", message))
        return None
    return Row(text, intent, sentence.line, _annotations(sentence.tokens, spans, text))


def _spans(tokens: Sequence[tuple[str, str, int]], text: str) -> list[tuple[int, int]] | None:
    """Return where each token stands in the text; None when one does not."""
    spans: list[tuple[int, int]] = []
    at = 0
    for token, _, _ in tokens:
        start = text.find(token, at)
        if start < 0:
            return None
        at = start + len(token)
        spans.append((start, at))
    return spans


def _annotations(
    tokens: Sequence[tuple[str, str, int]], spans: Sequence[tuple[int, int]], text: str
) -> tuple[Annotation, ...]:
    found: list[tuple[str, int, int]] = []
    open_name = ""
    for (_, tag, _), (start, end) in zip(tokens, spans, strict=True):
        kind, _, name = tag.partition("-")
        if kind == "I" and name == open_name and found:
            found[-1] = (name, found[-1][1], end)
        elif kind in {"B", "I"} and name:
            found.append((name, start, end))
        open_name = name if kind in {"B", "I"} else ""
    return tuple(Annotation(name, start, end, text[start:end]) for name, start, end in found)
