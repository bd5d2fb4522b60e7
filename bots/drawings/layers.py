"""Layers: where the boxes of a graph stand, so that lines lead to the right and cross no box.

Each box stands one layer behind the last that leads to it. A line that passes a layer has a
passage of its own there. A line that closes a circle is laid the other way round.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

#: One box leads to another.
Edge = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Passage:
    """The place of a line in a layer it passes."""

    edge: Edge
    layer: int


Place = str | Passage


@dataclass
class Layers:
    """Places by layer, each layer's from above, and the places of each line from left to right."""

    rows: list[list[Place]] = field(default_factory=list)
    lines: dict[Edge, list[Place]] = field(default_factory=dict)

    def line(self, edge: Edge) -> list[Place]:
        """Return the places of an edge's line from its beginning to its end."""
        line = self.lines.get(edge)
        return line if line is not None else self.lines[edge[::-1]][::-1]


def layers_of(names: Sequence[str], edges: Sequence[Edge]) -> Layers:
    """Return boxes and lines in layers, the same for the same graph."""
    forward = _forward(names, edges)
    depth = dict.fromkeys(names, 0)
    for _ in names:
        for source, target in forward:
            depth[target] = max(depth[target], depth[source] + 1)
    layers = Layers([[] for _ in range(max(depth.values(), default=-1) + 1)])
    for name in names:
        layers.rows[depth[name]].append(name)
    for edge in forward:
        source, target = edge
        between = [Passage(edge, layer) for layer in range(depth[source] + 1, depth[target])]
        for passage in between:
            layers.rows[passage.layer].append(passage)
        layers.lines[edge] = [source, *between, target]
    _untangle(layers)
    return layers


def _forward(names: Sequence[str], edges: Sequence[Edge]) -> list[Edge]:
    """Return the edges, those turned round that would close a circle."""
    onward: dict[str, list[str]] = {name: [] for name in names}
    for source, target in edges:
        onward[source].append(target)
    turned: set[Edge] = set()
    left: dict[str, bool] = {}  # visited -> whether all behind it is
    for first in names:
        stack = [] if first in left else [(first, iter(onward[first]))]
        left.setdefault(first, False)
        while stack:
            name, others = stack[-1]
            other = next(others, None)
            if other is None:
                left[name] = True
                stack.pop()
            elif other not in left:
                left[other] = False
                stack.append((other, iter(onward[other])))
            elif not left[other]:
                turned.add((name, other))
    return list(dict.fromkeys(edge[::-1] if edge in turned else edge for edge in edges))


def _untangle(layers: Layers) -> None:
    """Order each layer by where its lines come from, so that few of them cross."""
    sources: dict[Hashable, list[Place]] = {}
    for line in layers.lines.values():
        for before, after in pairwise(line):
            sources.setdefault(after, []).append(before)
    for above, row in pairwise(layers.rows):
        rank = {place: number for number, place in enumerate(above)}
        row.sort(key=lambda place, rank=rank: _middle(sources.get(place, []), rank))  # type: ignore[misc]


def _middle(sources: Sequence[Place], rank: Mapping[Place, int]) -> float:
    known = [rank[source] for source in sources if source in rank]
    return sum(known) / len(known) if known else float(len(rank))
