"""SVG: elements written as text, everything of a stranger's escaped, nothing loaded."""

import re
from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape, quoteattr

FONT: Final = (
    "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'PingFang SC', 'Hiragino Sans GB', "
    "'Microsoft YaHei', 'Noto Sans CJK SC', 'Source Han Sans SC', sans-serif"
)
MONO: Final = "ui-monospace, 'SF Mono', Consolas, 'Noto Sans Mono', monospace"
#: Radius of a line's corners.
CORNER: Final = 8.0
#: What XML 1.0 cannot hold, however it is written, and what turns the reading direction.
_FORBIDDEN: Final = re.compile(
    "[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u202a-\u202e\u2066-\u2069]"
)

#: Colour of each kind of step: on light, on dark.
COLOURS: Final = {
    "say": ("#2563eb", "#6ea8ff"),
    "collect": ("#15803d", "#4ade80"),
    "choose": ("#15803d", "#4ade80"),
    "if": ("#7c3aed", "#b794ff"),
    "switch": ("#7c3aed", "#b794ff"),
    "set": ("#64748b", "#a3b1c6"),
    "act": ("#c2410c", "#fb923c"),
    "search": ("#0f766e", "#2dd4bf"),
    "hand_off": ("#be123c", "#fb7185"),
    "link": ("#4338ca", "#a5b4fc"),
    "call": ("#4338ca", "#a5b4fc"),
    "wait": ("#a16207", "#facc15"),
    "end": ("#475569", "#cbd5e1"),
    "flow": ("#2563eb", "#6ea8ff"),
    "repair": ("#64748b", "#a3b1c6"),
}


def clean(text: str) -> str:
    """Return `text` without what no XML file can hold."""
    return _FORBIDDEN.sub("\ufffd", text)


def number(value: float) -> str:
    """Return a length as SVG states it, always the same for the same drawing."""
    return f"{value:.1f}".removesuffix(".0")


def element(name: str, *children: str, content: str = "", **attributes: object) -> str:
    """Return an element; `class_` and `text_anchor` are written `class` and `text-anchor`."""
    told = "".join(
        f" {key.rstrip('_').replace('_', '-')}="
        + quoteattr(number(value) if isinstance(value, float) else clean(str(value)))
        for key, value in attributes.items()
        if value is not None
    )
    inner = escape(clean(content)) + "".join(children)
    return f"<{name}{told}>{inner}</{name}>" if inner else f"<{name}{told}/>"


def line_through(points: Sequence[tuple[float, float]]) -> str:
    """Return the path data of a line through points at right angles, with round corners."""
    kept = [p for i, p in enumerate(points) if i == 0 or p != points[i - 1]]
    data = [f"M{number(kept[0][0])} {number(kept[0][1])}"]
    for before, corner, after in zip(kept, kept[1:], kept[2:], strict=False):
        straight = (before[0] == corner[0] == after[0]) or (before[1] == corner[1] == after[1])
        if straight:
            data.append(f"L{number(corner[0])} {number(corner[1])}")
            continue
        start, end = _towards(corner, before), _towards(corner, after)
        data.append(
            f"L{number(start[0])} {number(start[1])}"
            f"Q{number(corner[0])} {number(corner[1])} {number(end[0])} {number(end[1])}"
        )
    data.append(f"L{number(kept[-1][0])} {number(kept[-1][1])}")
    return "".join(data)


def _towards(corner: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    """Return the point on the way from a corner where its rounding begins."""
    distance = abs(other[0] - corner[0]) + abs(other[1] - corner[1])
    reach = min(CORNER, distance / 2)
    part = reach / distance if distance else 0.0
    return (
        corner[0] + (other[0] - corner[0]) * part,
        corner[1] + (other[1] - corner[1]) * part,
    )


def document(
    body: Sequence[str], *, width: float, height: float, title: str, description: str, name: str
) -> str:
    """Return a whole SVG file.

    Args:
        body: elements.
        width: in pixels at its natural size.
        height: as `width`.
        title: what it shows.
        description: all of it in words, for readers who do not see it.
        name: makes ids unique where several drawings stand on one page.
    """
    defs = element(
        "defs",
        element(
            "marker",
            element("path", d="M0 0L8 4L0 8z", class_="head"),
            id=f"{name}-arrow",
            viewBox="0 0 8 8",
            refX="7.5",
            refY="4",
            markerWidth="7",
            markerHeight="7",
            orient="auto",
        ),
    )
    drawn = element(
        "svg",
        element("title", content=title, id=f"{name}-title"),
        element("desc", content=description, id=f"{name}-desc"),
        f"<style>{_style(name)}</style>",
        defs,
        element("rect", class_="paper", width="100%", height="100%"),
        *(f"\n{each}" for each in body),
        "\n",
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {number(width)} {number(height)}",
        width=width,
        height=height,
        role="img",
        class_="tributary",
        **{"aria-labelledby": f"{name}-title {name}-desc"},
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{drawn}\n'


def _style(name: str) -> str:
    light = {"paper": "#f8fafc", "box": "#ffffff", "rim": "#cbd5e1", "ink": "#0f172a"}
    light |= {"soft": "#475569", "line": "#64748b", "pill": "#e2e8f0"}
    dark = {"paper": "#0b1220", "box": "#172033", "rim": "#3b4a63", "ink": "#f1f5f9"}
    dark |= {"soft": "#b6c2d4", "line": "#8a9ab3", "pill": "#2a3850"}
    for kind, (on_light, on_dark) in COLOURS.items():
        light[kind], dark[kind] = on_light, on_dark

    def variables(colours: dict[str, str]) -> str:
        return "".join(f"--{key}:{value};" for key, value in colours.items())

    kinds = "".join(
        f".{kind}>.stripe{{fill:var(--{kind})}}.{kind}>.caption{{fill:var(--{kind})}}"
        for kind in COLOURS
    )
    return (
        f".tributary{{{variables(light)}font-family:{FONT}}}"
        f"@media (prefers-color-scheme:dark){{.tributary{{{variables(dark)}}}}}"
        ".paper{fill:var(--paper)}.box{fill:var(--box);stroke:var(--rim)}"
        "text{fill:var(--ink);font-size:13px}.soft{fill:var(--soft);font-size:12px}"
        f".caption{{font:600 11px {MONO}}}.name{{font:600 12px {MONO}}}"
        ".heading{font-size:20px;font-weight:650}.title{font-size:14px;font-weight:600}.label{font-size:12px;font-weight:600}"
        ".pill{fill:var(--pill)}.edge{fill:none;stroke:var(--line);stroke-width:1.5}"
        ".dashed{stroke-dasharray:5 4}.dotted{stroke-dasharray:1.5 4;stroke-linecap:round}"
        f".arrow{{marker-end:url(#{name}-arrow)}}.head{{fill:var(--line)}}"
        ".dot{fill:var(--line)}" + kinds
    )
