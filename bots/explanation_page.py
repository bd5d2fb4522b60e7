"""The page of an explanation: one turn as a terminal shows it, in two columns."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

import orjson
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bots.commands.terminal import plain
from bots.explanation import (
    EntityRead,
    Explanation,
    MessageRead,
    Noted,
    SaidRead,
    SearchRead,
    SendRead,
    SlotRead,
    UnderstandingRead,
)

#: Cells of the longest bar behind a probability.
BAR_CELLS: Final = 20
#: Code points of one value on the page.
VALUE_MAX: Final = 300

_STATE_STYLES: Final[Mapping[str, str]] = {
    "sent": "green",
    "queued": "yellow",
    "sending": "yellow",
    "refused": "red",
    "dead": "red",
    "unknown": "red",
}
_OUTCOME_STYLES: Final[Mapping[str, str]] = {
    "answered": "green",
    "dead_letter": "red",
    "refused": "red",
    "waiting": "yellow",
}


def page(explanation: Explanation) -> RenderableType:
    """Return the whole page; every text of a customer in it is plain."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    for title, lines in _sections(explanation):
        for index, line in enumerate(lines):
            table.add_row(title if index == 0 else "", line)
    return Group(*_heading(explanation), "", table)


def _heading(explanation: Explanation) -> Iterator[Text]:
    outcome = explanation.outcome or explanation.state
    title = Text(f"Turn {explanation.seq}", style="bold")
    title.append(f"  {outcome}", style=_OUTCOME_STYLES.get(outcome, "cyan"))
    if explanation.at is not None:
        title.append(f"  {_time(explanation.at)} UTC", style="dim")
    yield title
    yield Text(plain(f"{explanation.address}  {explanation.conversation_id}"), style="dim")
    owner = "" if explanation.owner == "bot" else f"  now with {explanation.owner}"
    yield Text(f"customer {explanation.customer_id or 'not known yet'}{owner}", style="dim")


def _sections(explanation: Explanation) -> Iterator[tuple[str, Sequence[RenderableType]]]:
    yield "Message", [_message(each) for each in explanation.messages] or [_none("gone")]
    if explanation.answered_with is not None:
        told = f"taken as one with message {explanation.answered_with}, and answered there"
        yield "Answered", [Text(told)]
        return
    if explanation.state == "waiting":
        yield "Answered", [Text("not yet: it waits for a worker, or for the rest of a burst")]
        return
    if explanation.understanding is not None:
        yield "Understood", list(_understood(explanation.understanding))
        found = explanation.understanding.entities
        yield "Entities", [_entity(each) for each in found] or [_none()]
    yield "Commands", [_noted(each) for each in explanation.commands] or [_none()]
    yield "Steps", [_noted(each, named=True) for each in explanation.steps] or [_none()]
    yield "Slots", [_slot(each) for each in explanation.slots] or [_none()]
    yield "Searches", [_search(each) for each in explanation.searches] or [_none()]
    yield (
        "CRM",
        [_joined((each.kind, "bold"), (_facts(each.data), "")) for each in explanation.effects]
        or [_none()],
    )
    yield "Said", [_said(each) for each in explanation.said] or [_none("nothing")]
    yield "Sends", [_send(each) for each in explanation.sends] or [_none()]
    if explanation.given_up:
        yield "Given up", [Text(plain(each), style="red") for each in explanation.given_up]


def _none(word: str = "none") -> Text:
    return Text(word, style="dim")


def _joined(*parts: tuple[str, str]) -> Text:
    """Return styled texts with two spaces between, made harmless, empty ones left out."""
    line = Text()
    for words, style in parts:
        if words:
            line.append(("  " if line else "") + plain(words), style=style)
    return line


def _hanging(head: Text, body: Text) -> Table:
    """Return a text behind its name; one without spaces, as Chinese is, begins there too."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(head, body)
    return grid


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


def _message(message: MessageRead) -> RenderableType:
    tries = f"{message.attempts} failed attempts" if message.attempts else ""
    kind = "" if message.kind == "text" else message.kind
    head = _joined((str(message.seq), "dim"), (kind, "cyan"))
    return _hanging(head, _joined((message.text, ""), (tries, "red")))


def _understood(meaning: UnderstandingRead) -> Iterator[Text]:
    width = max((len(intent.name) for intent in meaning.intents), default=0)
    for place, intent in enumerate(meaning.intents):
        cells = max(0, min(BAR_CELLS, round(intent.confidence * BAR_CELLS)))
        chosen = place == 0 and meaning.outcome == "clear"
        yield _joined(
            (intent.name.ljust(width), "bold" if chosen else ""),
            (f"{intent.confidence:7.2%}", ""),
            ("█" * cells, "green" if chosen else "dim"),
        )
    for number, clause in enumerate(meaning.clauses, start=1):
        best = [f"{intent.name} {intent.confidence:.2%}" for intent in clause[:2]]
        yield _joined((f"part {number}", "cyan"), (", ".join(best), ""))
    sure = "" if meaning.score is None else f"score {meaning.score:.2f}"
    facts = (meaning.outcome, meaning.language, f"by {meaning.interpreter}", sure)
    yield Text(plain(" · ".join(fact for fact in facts if fact)), style="cyan")
    feelings = {
        "sentiment": meaning.sentiment,
        "frustration": meaning.frustration,
        "abuse": meaning.abuse,
    }
    told = [f"{name} {value:.2f}" for name, value in feelings.items() if value is not None]
    yield Text(" · ".join(told), style="dim")


def _entity(entity: EntityRead) -> Text:
    value = f"{_value(entity.value)}{f' {entity.unit}' if entity.unit else ''}"
    place = f"{entity.start}–{entity.end}"
    more = " ".join(f"{k} {v}" for k in ("role", "group") if (v := getattr(entity, k)))
    words = f"“{entity.text}”" if entity.text is not None else ""
    return _joined((entity.name, "bold"), (value, ""), (words, "dim"), (place, "dim"), (more, ""))


def _noted(noted: Noted, *, named: bool = False) -> Text:
    what = noted.what if named else ""
    style = "red" if noted.what == "failed" or "failed" in noted.details else "bold"
    return _joined((what, "cyan"), (noted.name or "", style), (_facts(noted.details), "dim"))


def _slot(slot: SlotRead) -> Text:
    now = "now not held" if not slot.held else "now skipped"
    if slot.value is not None:
        now = f"now {_value(slot.value)}"
    return _joined((slot.name, "bold"), (slot.how, "cyan"), (now, "" if slot.held else "dim"))


def _search(search: SearchRead) -> Text:
    near = ", ".join(f"{article} {score:.2f}" for article, score in search.near)
    return _joined(
        (search.outcome, "green" if search.outcome == "answered" else "yellow"),
        (search.article or "", "bold"),
        (f"{search.score:.2f}" if search.score is not None else "", ""),
        (f"version {search.version}" if search.version else "", "dim"),
        (f"near: {near}" if near else "", "dim"),
        (_read_as(search), "cyan"),
    )


def _read_as(search: SearchRead) -> str:
    """Return as what a question was read, and why."""
    if not search.ways:
        return ""
    ways = ", ".join(way.replace("_", " ") for way in search.ways)
    about = f" about {search.topic}" if search.topic else ""
    return f"read as “{plain(search.read_as)}” ({ways}{about})"


def _said(said: SaidRead) -> RenderableType:
    pressed = "  ".join(f"[{label}]" for label in said.options)
    source = said.response or "(again)"
    article = f"{said.article} {said.version or ''}".strip() if said.article else ""
    head = _joined((source, "bold"), (article, "cyan"))
    return _hanging(head, _joined((said.text, ""), (pressed, "dim")))


def _send(send: SendRead) -> Text:
    return _joined(
        (send.state, _STATE_STYLES.get(send.state, "")),
        (send.reason or "", "red" if send.state in {"refused", "dead", "unknown"} else "yellow"),
        (f"as {send.seq}" if send.seq is not None else "", ""),
        (_time(send.sent_at) if send.sent_at is not None else "", "dim"),
        (f"attempts {send.attempts}" if send.attempts else "", "dim"),
        (f"next {_time(send.not_before)}" if send.not_before and send.attempts else "", "dim"),
        (f"receipt {', '.join(send.receipts)}" if send.receipts else "", "dim"),
        (f"{send.channel} {send.id}", "dim"),
    )


def _value(value: object) -> str:
    text = value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
    return text if len(text) <= VALUE_MAX else text[:VALUE_MAX] + "…"


def _facts(data: Mapping[str, object]) -> str:
    parts = (f"{name}={_value(value)}" for name, value in data.items() if value not in (None, ""))
    return "  ".join(parts)
