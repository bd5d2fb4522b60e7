"""The overview of a bot: its flows, what starts each, and which leads to which, as an SVG file."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from bots.drawings.layers import Edge, Layers, Passage, Place, layers_of
from bots.drawings.measure import shorten, wrap
from bots.drawings.svg import document, element, number
from bots.drawings.words import word
from dialogues.bot import Bot, localised
from dialogues.flow import Flow
from dialogues.step import Call, Link, Say, asked_slot

MARGIN: Final = 32.0
NODE_WIDTH: Final = 256.0
NODE_HEIGHT: Final = 86.0
#: Height of the place of a passing line.
PASSAGE: Final = 16.0
LAYER_GAP: Final = 96.0
ROW_GAP: Final = 22.0
#: Flows side by side that lead nowhere.
ACROSS: Final = 3
TITLE_SIZE: Final = 14.0
NOTE_SIZE: Final = 12.0
#: How one flow leads to another; of several ways the first is drawn.
KINDS: Final = ("link", "call", "offers")
_LOOK: Final = {"link": "edge arrow", "call": "edge arrow dashed", "offers": "edge arrow dotted"}

Point = tuple[float, float]


def draw_overview(bot: Bot, language: str) -> str:
    """Return the drawing of all of a bot's flows in one of its languages."""
    flows = {name: bot.flows[name] for name in bot.flow_paths}
    edges = _edges(bot, flows, language)
    joined = {name for edge in edges for name in edge}
    layers = layers_of([name for name in flows if name in joined], list(edges))
    spots, bottom, wide = _spots(layers, MARGIN + 48)
    alone = [name for name in flows if name not in joined]
    for index, name in enumerate(alone):
        row, column = divmod(index, ACROSS)
        spots[name] = (
            MARGIN + column * (NODE_WIDTH + ROW_GAP),
            bottom + row * (NODE_HEIGHT + ROW_GAP),
        )
    height = bottom + -(-len(alone) // ACROSS) * (NODE_HEIGHT + ROW_GAP)
    across = 2 * MARGIN + min(ACROSS, len(alone)) * (NODE_WIDTH + ROW_GAP) - ROW_GAP
    width = max(wide, across, 2 * MARGIN + NODE_WIDTH * 2)
    title = word("overview", language, title=bot.title(language))
    shown = shorten(title, 20, width - 2 * MARGIN)
    shapes = [element("text", content=shown, class_="heading", x=MARGIN, y=MARGIN + 16)]
    if edges:
        shapes += _legend(set(edges.values()), language, height + 8)
        height += 30
    ends = _ends(edges, layers, spots)
    lines = [_line(ends[edge], kind) for edge, kind in edges.items()]
    nodes = [_node(flow, language, spots[name]) for name, flow in flows.items()]
    return document(
        [*lines, *shapes, *nodes],
        width=width,
        height=height + MARGIN - ROW_GAP / 2,
        title=title,
        description="\n".join(_outline(flows, edges, language)),
        name="overview",
    )


def _edges(bot: Bot, flows: Mapping[str, Flow], language: str) -> dict[Edge, str]:
    """Return which flow leads to which others, and how."""
    found: dict[Edge, str] = {}
    for flow in flows.values():
        for kind, other in _leads(bot, flow, language):
            edge = (flow.id, other)
            if other in flows and other != flow.id:
                found[edge] = min(found.get(edge, kind), kind, key=KINDS.index)
    return found


def _leads(bot: Bot, flow: Flow, language: str) -> Iterator[tuple[str, str]]:
    for _, step in flow.walked:
        if isinstance(step, Link):
            yield "link", step.link
        elif isinstance(step, Call):
            yield "call", step.call
        slot = flow.slots.get(asked_slot(step) or "")
        name = step.say if isinstance(step, Say) else slot.ask if slot is not None else None
        response = bot.response(name, flow) if name else None
        for wording in response.variants.get(language, ()) if response is not None else ():
            for value in wording.options:
                if value.startswith("flow:"):
                    yield "offers", value.removeprefix("flow:")


def _spots(layers: Layers, top: float) -> tuple[dict[Place, Point], float, float]:
    """Return the upper left corner of each place, where they end below, and the width."""
    heights = [sum(_height(place) + ROW_GAP for place in row) for row in layers.rows]
    tallest = max(heights, default=0.0)
    spots: dict[Place, Point] = {}
    x = MARGIN
    for height, row in zip(heights, layers.rows, strict=True):
        y = top + (tallest - height) / 2
        for place in row:
            spots[place] = (x, y)
            y += _height(place) + ROW_GAP
        x += NODE_WIDTH + LAYER_GAP
    return spots, top + tallest + (ROW_GAP if layers.rows else 0), x - LAYER_GAP + MARGIN


def _height(place: Place) -> float:
    return PASSAGE if isinstance(place, Passage) else NODE_HEIGHT


def _ends(
    edges: Mapping[Edge, str], layers: Layers, spots: Mapping[Place, Point]
) -> dict[Edge, list[Point]]:
    """Return the points of each line; where several meet a box they stand apart."""
    sides: dict[tuple[Place, bool], list[tuple[float, Edge]]] = {}
    for edge in edges:
        line = layers.line(edge)
        for place, neighbour in ((line[0], line[1]), (line[-1], line[-2])):
            right = spots[neighbour][0] > spots[place][0]
            sides.setdefault((place, right), []).append((spots[neighbour][1], edge))
    ports: dict[tuple[Place, Edge], float] = {}
    for (place, _), met in sides.items():
        for index, (_, edge) in enumerate(sorted(met), start=1):
            ports[place, edge] = spots[place][1] + NODE_HEIGHT * index / (len(met) + 1)
    points: dict[Edge, list[Point]] = {}
    for edge in edges:
        line = layers.line(edge)
        rightward = spots[line[-1]][0] > spots[line[0]][0]
        mine: list[Point] = []
        for place in line:
            x, y = spots[place]
            sideways = [x, x + NODE_WIDTH] if rightward else [x + NODE_WIDTH, x]
            if isinstance(place, Passage):
                mine += [(edge_x, y + PASSAGE / 2) for edge_x in sideways]
            else:
                mine.append((sideways[place == line[0]], ports[place, edge]))
        points[edge] = mine
    return points


def _line(points: Sequence[Point], kind: str) -> str:
    """Return a line that leaves and enters boxes level and bends between layers."""
    data = f"M{number(points[0][0])} {number(points[0][1])}"
    for (x, y), (to_x, to_y) in pairwise(points):
        middle = number((x + to_x) / 2)
        data += f"C{middle} {number(y)} {middle} {number(to_y)} {number(to_x)} {number(to_y)}"
    return element("path", class_=_LOOK[kind], d=data)


def _node(flow: Flow, language: str, at: Point) -> str:
    x, y = at
    left, room = x + 16, NODE_WIDTH - 30
    title = localised(flow.description, language)
    started = _started(flow, language)
    kind = "flow" if flow.triggers else "repair"
    lines = wrap(started, NOTE_SIZE, room, lines=2)
    return element(
        "g",
        element("title", content=f"{title} ({flow.id})\n{started}"),
        element("rect", class_="box", x=x, y=y, width=NODE_WIDTH, height=NODE_HEIGHT, rx=8.0),
        element("rect", class_="stripe", x=x, y=y + 8, width=4.0, height=NODE_HEIGHT - 16),
        element(
            "text", content=shorten(title, TITLE_SIZE, room), class_="title", x=left, y=y + 23
        ),
        element(
            "text", content=shorten(flow.id, NOTE_SIZE, room), class_="caption", x=left, y=y + 41
        ),
        *(
            element("text", content=line, class_="soft", x=left, y=y + 59 + 16 * index)
            for index, line in enumerate(lines)
        ),
        class_=f"step {kind}",
        data_flow=flow.id,
    )


def _started(flow: Flow, language: str) -> str:
    if flow.triggers:
        return word("triggers", language, names=", ".join(flow.triggers))
    return word("by_link", language)


def _legend(kinds: set[str], language: str, y: float) -> list[str]:
    parts: list[str] = []
    x = MARGIN
    for kind in (kind for kind in KINDS if kind in kinds):
        label = word(kind, language)
        path = f"M{number(x)} {number(y)}L{number(x + 36)} {number(y)}"
        parts.append(element("path", class_=_LOOK[kind], d=path))
        parts.append(element("text", content=label, class_="soft", x=x + 44, y=y + 4))
        x += 190
    return parts


def _outline(flows: Mapping[str, Flow], edges: Mapping[Edge, str], language: str) -> Iterator[str]:
    for flow in flows.values():
        title = localised(flow.description, language)
        yield f"{title} ({flow.id}): {_started(flow, language)}"
        for (source, target), kind in edges.items():
            if source == flow.id:
                yield f"  {word(kind, language)}: {target}"
