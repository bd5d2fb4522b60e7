"""Corrections: finds out that a customer takes back a value given before, and which."""

import re
from dataclasses import replace
from typing import Final

from pydantic import JsonValue

from dialogues.commands import CorrectSlot
from dialogues.flow import Flow
from dialogues.slot import Slot
from dialogues.slot_values import Said, extract, matches, parse
from dialogues.state import Frame
from nlu.text import normalise

#: New value, old value: "no, 50 not 15", "not 15 but 50", "不是15，是50", "50 instead of 15".
_NEW_OLD: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        (
            r"(?:^|.*?\b)not (?P<old>.{1,80}?),? *(?:but|it'?s|it is|i meant|,)(?: rather)? *"
            r"(?P<new>.{1,80})$"
        ),
        (
            r"^(?:no|nope|sorry|wait|actually|oops)?[,.! ]*(?:i meant |it'?s |it is |make it )?"
            r"(?P<new>.{1,80}?),? (?:and )?(?:not|instead of|rather than) (?P<old>.{1,80}?)[.!]?$"
        ),
        r"^.{0,12}?不是(?P<old>.{1,40}?)[,，。 ]*(?:而)?(?:应该)?是(?P<new>.{1,60})$",
        r"^.{0,8}?(?:应该)?是(?P<new>.{1,40}?)[,，。 ]*(?:而)?不是(?P<old>.{1,40})$",
    )
)

_MARKER: Final = re.compile(
    r"\b(?:actually|i meant|i mean|sorry|correction|wrong|mistake|typo|instead|rather|change"
    r"|update|make (?:it|that)|should (?:be|have been)|oops|wait)\b"
    r"|不对|错了|写错|打错|说错|应该是|应为|改成|改为|改一下|更正|更改|换成|其实|修改",
    re.IGNORECASE,
)

#: Slot and value of each name that has one.
_Filled = dict[str, tuple[Slot, JsonValue]]

#: How customers call a slot of a type.
_TYPE_WORDS: Final = {
    "email": "email|e-mail|mail|邮箱|邮件|电邮",
    "phone": "phone|mobile|telephone|number|电话|手机|号码",
    "number": "number|数字",
    "quantity": "quantity|amount|number|pieces|units|数量|个数|件数",
    "company": "company|firm|organisation|organization|公司|单位",
    "name": "name|名字|姓名|称呼",
    "rating": "rating|score|stars|评分|打分",
    "date_text": "date|time|when|deadline|日期|时间",
    "date": "date|day|when|日期|日子|哪天",
    "time": "time|hour|clock|when|时间|几点",
    "boolean": "",
    "choice": "",
    "text": "",
    "entity": "",
}


def find_correction(
    flow: Flow, frame: Frame, said: Said, *, named_only: bool
) -> CorrectSlot | None:
    """Return the correction `said` makes to a value of the open flow, or None.

    Args:
        flow: the open flow.
        frame: where it stands.
        said: the customer's words.
        named_only: the text may as well answer the open question, so the old value or the slot
            must be named in it.
    """
    filled: _Filled = {
        name: (flow.slots[name], value)
        for name, value in frame.slots.items()
        if name in flow.slots and value is not None and name != frame.asked
    }
    if not filled or len(said.text) > 300:
        return None
    return _by_old_value(filled, said) or _by_marker(flow, filled, said, named_only=named_only)


def _by_old_value(filled: _Filled, said: Said) -> CorrectSlot | None:
    text = normalise(said.text).plain.strip()
    for pattern in _NEW_OLD:
        match = pattern.match(text)
        if match is None:
            continue
        for name, (slot, value) in reversed(filled.items()):
            # Free text holds everything, the old value of another slot as well.
            if slot.type == "text" or not matches(_labelled(slot, value), match["old"]):
                continue
            new = _reread(slot, match["new"], said)
            if new is not None and new != value:
                return CorrectSlot(slot=name, value=new)
    return None


def _labelled(slot: Slot, value: JsonValue) -> JsonValue:
    if isinstance(value, str) and value in slot.options:
        return " ".join([value, *slot.options[value].values()])
    return value


def _by_marker(flow: Flow, filled: _Filled, said: Said, *, named_only: bool) -> CorrectSlot | None:
    named = [name for name, (slot, _) in filled.items() if _is_named(name, slot, said.text)]
    marker = _MARKER.search(said.text)
    if marker is None and not (len(named) == 1 and _states(said.text)):
        return None
    for name in reversed(named):
        slot, value = filled[name]
        # What follows the marker or the verb is the new value; free text needs that cut.
        new = _reread(slot, _tail(said.text), said)
        if new is not None and new != value:
            return CorrectSlot(slot=name, value=new)
    if named or marker is None or named_only:
        return None
    typed = {n for n, (s, _) in filled.items() if s.type not in {"text", "name", "company"}}
    found = extract(flow, said, without=set(flow.slots) - typed)
    changed = [(name, value) for name, value in found.items() if value != filled[name][1]]
    if len(changed) == 1:
        return CorrectSlot(slot=changed[0][0], value=changed[0][1])
    return None


def _is_named(name: str, slot: Slot, text: str) -> bool:
    words = [re.escape(name.replace("_", " ")), *filter(None, _TYPE_WORDS[slot.type].split("|"))]
    pattern = "|".join(rf"\b{w}\b" if w.isascii() else w for w in words)
    return re.search(pattern, text, re.IGNORECASE) is not None


_STATEMENT: Final = re.compile(
    r"^(?:no[,. ]+)?(?:my|the|our) [\w -]{1,30}?(?: is| =|:)|^我?们?的?.{1,8}(?:是|为|:|：)",
    re.IGNORECASE,
)
_TAIL: Final = re.compile(
    r"^.*?(?:\b(?:to|is|be|been|:)\s+|应该是|应为|改成|改为|换成|更正为|是|为)"
    r"(?:actually |now |really )?",
    re.IGNORECASE | re.DOTALL,
)


def _states(text: str) -> bool:
    return _STATEMENT.match(text) is not None


def _tail(text: str) -> str:
    plain = normalise(text).plain
    return _TAIL.sub("", plain, count=1).strip() or plain


def _reread(slot: Slot, text: str, said: Said) -> JsonValue:
    """Parse `text`, a part of what was said, with only the entities that lie in it."""
    part = replace(said, text=text, understanding=None)
    if (parsed := parse(slot, part)) is not None:
        return parsed.value
    if slot.type != "entity":
        return None
    inside = [e for e in said.entities({slot.entity or ""}) if said.text[e.start : e.end] in text]
    return inside[-1].value if inside else None
