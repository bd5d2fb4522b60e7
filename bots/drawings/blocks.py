"""Blocks: the steps of a flow as boxes above each other, with their branches side by side.

A flow is a tree of sequences, so its drawing is one too: a sequence runs down a spine; below a
step that branches its columns stand beside each other and come together again underneath. Each
part knows its extent before anything is placed, so nothing can overlap.
"""

from collections.abc import Sequence as Items
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from bots.drawings.measure import pack, shorten, width, wrap
from bots.drawings.step_texts import EXITS, Reader, StepText
from dialogues.flow import Flow, StepPath
from dialogues.step import Choose, If, Search, Switch, branches

#: Width of a box, and the room between its rim and its text.
BOX_WIDTH: Final = 268.0
PADDING: Final = 14.0
#: Heights of a caption, a line of text and a line of notes.
CAPTION_HEIGHT: Final = 18.0
LINE_HEIGHT: Final = 18.0
NOTE_HEIGHT: Final = 16.0
#: Room below a box, between columns, above the boxes of columns and below them.
GAP: Final = 30.0
COLUMN_GAP: Final = 30.0
FAN: Final = 62.0
JOIN: Final = 22.0
#: Room to the left of a box that may run again.
LOOP: Final = 18.0
PILL_HEIGHT: Final = 22.0
PILL_MOST: Final = 220.0

TEXT_SIZE: Final = 13.0
NOTE_SIZE: Final = 12.0
CAPTION_SIZE: Final = 12.5
TEXT_LINES: Final = 4
NOTE_LINES: Final = 2
CHIP_LINES: Final = 4


@dataclass(frozen=True, slots=True)
class Box:
    """One step with its lines broken."""

    path: StepPath
    told: StepText
    name: str
    text: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def height(self) -> float:
        """How high it is."""
        return (
            2 * (PADDING - 4)
            + CAPTION_HEIGHT
            + len(self.text) * LINE_HEIGHT
            + len(self.notes) * NOTE_HEIGHT
        )


@dataclass(frozen=True, slots=True)
class Column:
    """One branch below a step; without steps it leads straight on."""

    label: str
    steps: "Sequence"
    usual: bool = False  #: where the flow goes when nothing special happens

    @property
    def left(self) -> float:
        """Room to the left of its spine."""
        return max(self.steps.left, self._pill)

    @property
    def right(self) -> float:
        """Room to the right of its spine."""
        return max(self.steps.right, self._pill)

    @property
    def _pill(self) -> float:
        return pill_width(self.label) / 2 + 4 if self.label else 8.0


@dataclass(frozen=True, slots=True)
class Block:
    """A step and the columns below it; the extents count from the spine."""

    box: Box
    columns: tuple[Column, ...]
    spines: tuple[float, ...]  #: of the columns
    exits: bool  #: nothing follows it

    @property
    def left(self) -> float:
        """Room to the left of the spine."""
        own = BOX_WIDTH / 2 + (LOOP if self.box.told.loops else 0)
        return max(own, *(c.left - x for c, x in zip(self.columns, self.spines, strict=True)), 0)

    @property
    def right(self) -> float:
        """Room to the right of the spine."""
        sides = (c.right + x for c, x in zip(self.columns, self.spines, strict=True))
        return max(BOX_WIDTH / 2, *sides, 0)

    @property
    def height(self) -> float:
        """From the top of the box to where the flow goes on."""
        if not self.columns:
            return self.box.height
        below = max(column.steps.height for column in self.columns)
        return self.box.height + FAN + below + (0 if self.exits else JOIN)


@dataclass(frozen=True, slots=True)
class Sequence:
    """Blocks below each other on one spine."""

    blocks: tuple[Block, ...]

    @property
    def left(self) -> float:
        """Room to the left of the spine."""
        return max((block.left for block in self.blocks), default=0.0)

    @property
    def right(self) -> float:
        """Room to the right of the spine."""
        return max((block.right for block in self.blocks), default=0.0)

    @property
    def height(self) -> float:
        """From its first box to its end."""
        gaps = GAP * max(0, len(self.blocks) - 1)
        return sum(block.height for block in self.blocks) + gaps

    @property
    def exits(self) -> bool:
        """Whether nothing follows it."""
        return bool(self.blocks) and self.blocks[-1].exits


def pill_width(label: str) -> float:
    """Return how wide the pill of a branch's label is."""
    return min(width(label, NOTE_SIZE), PILL_MOST) + 18


def blocks_of(flow: Flow, reader: Reader) -> Sequence:
    """Return the steps of a flow, measured."""
    return _sequence(flow.steps, (), reader)


def _sequence(steps: Items[object], prefix: StepPath, reader: Reader) -> Sequence:
    blocks = [_block(step, (*prefix, index), reader) for index, step in enumerate(steps)]
    return Sequence(tuple(blocks))


def _block(step: object, path: StepPath, reader: Reader) -> Block:
    columns = _columns(step, path, reader)
    exits = isinstance(step, EXITS) or (bool(columns) and all(c.steps.exits for c in columns))
    return Block(_box(step, path, reader), columns, _spines(columns), exits)


def _box(step: object, path: StepPath, reader: Reader) -> Box:
    told = reader.text(step)
    room = BOX_WIDTH - 2 * PADDING
    name = told.name and shorten(
        told.name, CAPTION_SIZE, room - width(f"{told.kind}  ", CAPTION_SIZE)
    )
    chips = [f"[{' '.join(label.split())}]" for label in told.options]
    notes = [*told.notes, *([f"↻ {told.loops}"] if told.loops else [])]
    short = " · ".join(notes)
    if width(short, NOTE_SIZE) <= room:
        notes = [short] if short else []
    return Box(
        path,
        told,
        name,
        tuple(wrap(told.text, TEXT_SIZE, room, lines=TEXT_LINES)),
        (
            *pack(chips, NOTE_SIZE, room, lines=CHIP_LINES),
            *(line for n in notes for line in wrap(n, NOTE_SIZE, room, lines=NOTE_LINES)),
        ),
    )


def _columns(step: object, path: StepPath, reader: Reader) -> tuple[Column, ...]:
    """Return the branches below a step; among them the way that has no steps of its own."""
    made = [
        Column(reader.label(step, key), _sequence(nested, (*path, key), reader))
        for key, nested in branches(step)
        if nested
    ]
    if not made:
        return ()
    straight = _straight(step, reader)
    return (
        (Column(straight, Sequence(()), usual=True), *made) if straight is not None else (*made,)
    )


def _straight(step: object, reader: Reader) -> str | None:
    """Return the label of the way that leads on without steps of its own; None: there is none."""
    match step:
        case If():
            return None if step.else_ else reader.word("else")
        case Switch():
            return None if step.else_ else reader.word("otherwise")
        case Choose():
            if all(step.then.get(value) for value in step.options):
                return None
            return reader.word("any_other") if any(step.then.values()) else ""
        case Search():
            if step.found and step.missing:
                return None
            return reader.word("missing" if step.found else "found")
    return ""


def _spines(columns: Items[Column]) -> tuple[float, ...]:
    """Return where columns stand: the usual way straight down, else all of them centred."""
    if not columns:
        return ()
    spines = [0.0]
    for before, column in pairwise(columns):
        spines.append(spines[-1] + before.right + COLUMN_GAP + column.left)
    middle = 0.0 if columns[0].usual else spines[-1] / 2
    return tuple(x - middle for x in spines)
