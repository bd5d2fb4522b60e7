"""A flow as an SVG file: its boxes placed, the lines between them, and all of it in words."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from bots.drawings.blocks import (
    BOX_WIDTH,
    CAPTION_HEIGHT,
    FAN,
    GAP,
    JOIN,
    LINE_HEIGHT,
    LOOP,
    NOTE_HEIGHT,
    NOTE_SIZE,
    PADDING,
    PILL_HEIGHT,
    PILL_MOST,
    Block,
    Box,
    Sequence,
    blocks_of,
    pill_width,
)
from bots.drawings.measure import shorten, wrap
from bots.drawings.step_texts import Reader
from bots.drawings.svg import document, element, line_through
from dialogues.bot import Bot, localised
from dialogues.flow import Flow
from dialogues.places import place_name

MARGIN: Final = 32.0
HEADING_SIZE: Final = 20.0
#: Least width of a drawing, so that its heading has room.
LEAST_WIDTH: Final = 440.0

#: Width of one letter of a caption.
MONO_ADVANCE: Final = 6.7

Point = tuple[float, float]


def draw_flow(bot: Bot, flow: Flow, language: str) -> str:
    """Return the drawing of a flow in one of the bot's languages."""
    reader = Reader(bot, flow, language)
    steps = blocks_of(flow, reader)
    spread = steps.left + steps.right
    whole = max(spread, LEAST_WIDTH) + 2 * MARGIN
    spine = MARGIN + steps.left + (whole - 2 * MARGIN - spread) / 2
    title = localised(flow.description, language)
    names = ", ".join(flow.triggers)
    started = reader.word("triggers", names=names) if names else reader.word("by_link")
    room = whole - 2 * MARGIN
    parts = [
        element(
            "text",
            content=shorten(title, HEADING_SIZE, room),
            class_="heading",
            x=MARGIN,
            y=MARGIN + 16,
        ),
        element(
            "text",
            content=shorten(f"{flow.id} · {started}", NOTE_SIZE + 1, room),
            class_="soft",
            x=MARGIN,
            y=MARGIN + 38,
        ),
    ]
    top = MARGIN + 64
    drawing = _Drawing()
    drawing.dot((spine, top))
    end = drawing.sequence(steps, spine, top + GAP, start=(spine, top))
    if not steps.exits:
        drawing.edge([(spine, end), (spine, end + GAP)])
        drawing.dot((spine, end + GAP + 5), hollow=True)
        end += GAP + 10
    return document(
        [*parts, *drawing.edges, *drawing.shapes],
        width=whole,
        height=end + MARGIN,
        title=f"{title} ({flow.id})",
        description="\n".join([started, *_outline(steps)]),
        name=flow.id,
    )


def _outline(steps: Sequence, indent: int = 0) -> Iterator[str]:
    """Yield all steps in words, one a line, nested ones further in."""
    space = "  " * indent
    for block in steps.blocks:
        told = block.box.told
        parts = (told.kind, told.name, told.text, " / ".join(told.options), *told.notes)
        yield space + " · ".join(" ".join(part.split()) for part in parts if part)
        for column in block.columns:
            if column.steps.blocks:
                yield f"{space}  {column.label}:"
                yield from _outline(column.steps, indent + 2)


@dataclass
class _Drawing:
    """What is drawn so far; lines lie under boxes."""

    edges: list[str] = field(default_factory=list)
    shapes: list[str] = field(default_factory=list)

    def sequence(self, steps: Sequence, spine: float, top: float, *, start: Point) -> float:
        """Draw a sequence whose first box is at `top`; return where it ends."""
        y = top
        for index, block in enumerate(steps.blocks):
            self.edge([start if index == 0 else (spine, y - GAP), (spine, y)], arrow=True)
            self.block(block, spine, y)
            y += block.height + GAP
        return y - GAP if steps.blocks else top

    def block(self, block: Block, spine: float, top: float) -> None:
        """Draw a step and the columns below it."""
        self.box(block.box, spine - BOX_WIDTH / 2, top)
        if not block.columns:
            return
        under = top + block.box.height
        fan, first = under + 16, under + FAN
        below = first + max(column.steps.height for column in block.columns)
        for column, offset in zip(block.columns, block.spines, strict=True):
            x = spine + offset
            starts_at = fan + 8 + PILL_HEIGHT
            self.edge([(spine, under), (spine, fan), (x, fan), (x, starts_at)])
            if column.label:
                self.pill(column.label, x, fan + 8)
            end = self.sequence(column.steps, x, first, start=(x, starts_at))
            if column.steps.exits:
                continue
            begin = end if column.steps.blocks else starts_at
            join = below + JOIN / 2
            self.edge([(x, begin), (x, join), (spine, join), (spine, below + JOIN)])

    def box(self, box: Box, x: float, top: float) -> None:
        """Draw one step."""
        told = box.told
        radius = 16.0 if told.kind in {"end", "link", "hand_off"} else 8.0
        left = x + PADDING
        y = top + PADDING - 4 + 12
        caption = element("text", content=told.kind, class_="caption", x=left, y=y)
        beside = left + len(told.kind) * MONO_ADVANCE + 9
        name = element("text", content=box.name, class_="name", x=beside, y=y) if box.name else ""
        lines: list[str] = []
        y += CAPTION_HEIGHT
        for line in box.text:
            lines.append(element("text", content=line, x=left, y=y))
            y += LINE_HEIGHT
        for line in box.notes:
            lines.append(element("text", content=line, class_="soft", x=left, y=y - 1))
            y += NOTE_HEIGHT
        shown = " · ".join(part for part in (told.kind, told.name) if part)
        self.shapes.append(
            element(
                "g",
                element("title", content="\n".join(p for p in (shown, told.text) if p)),
                element(
                    "rect", class_="box", x=x, y=top, width=BOX_WIDTH, height=box.height, rx=radius
                ),
                element(
                    "rect",
                    class_="stripe",
                    x=x,
                    y=top + radius,
                    width=4.0,
                    height=box.height - 2 * radius,
                ),
                caption,
                name,
                *lines,
                class_=f"step {told.kind}",
                **{"data-step": place_name(box.path)},
            )
        )
        if told.loops:
            low, high = top + box.height - 14, top + box.height / 2 - 4
            out = x - LOOP + 4
            self.edge([(x, low), (out, low), (out, high), (x, high)], arrow=True)

    def edge(self, points: list[Point], *, arrow: bool = False) -> None:
        """Draw a line through points."""
        kind = "edge arrow" if arrow else "edge"
        self.edges.append(element("path", class_=kind, d=line_through(points)))

    def pill(self, label: str, x: float, top: float) -> None:
        """Draw a branch's label on its line."""
        wide = pill_width(label)
        [line] = wrap(label, NOTE_SIZE, PILL_MOST, lines=1) or [""]
        self.shapes.append(
            element(
                "g",
                element("title", content=label),
                element(
                    "rect",
                    class_="pill",
                    x=x - wide / 2,
                    y=top,
                    width=wide,
                    height=PILL_HEIGHT,
                    rx=PILL_HEIGHT / 2,
                ),
                element(
                    "text", content=line, class_="label", x=x, y=top + 15, text_anchor="middle"
                ),
                class_="branch",
            )
        )

    def dot(self, at: Point, *, hollow: bool = False) -> None:
        """Draw where the flow begins or, hollow, ends."""
        self.shapes.append(element("circle", class_="dot", cx=at[0], cy=at[1], r=5.0))
        if hollow:
            self.shapes.append(element("circle", class_="pill", cx=at[0], cy=at[1], r=2.5))
