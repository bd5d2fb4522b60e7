"""Drawings of flows: everything is there once, nothing overlaps, nothing harmful gets in."""

import itertools
import re
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser
from typer.testing import CliRunner

from bots.__main__ import build
from bots.drawings.flow_drawing import draw_flow
from bots.drawings.layers import Passage, layers_of
from bots.drawings.measure import pack, shorten, width, wrap
from bots.drawings.overview import draw_overview
from dialogues.bot import Bot, load_bot
from dialogues.flow import Flow
from dialogues.places import place_name
from dialogues.step import _KINDS
from tests.dialogues.talks import corner_shop

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "bots" / "library" / "moss_and_kettle"
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</title><script>alert(1)</script> &lt; \"' ]]> \x00\x0b\u202e \ufffe 😀 {x}"


class Rect(NamedTuple):
    """A rectangle of a drawing."""

    x: float
    y: float
    width: float
    height: float

    def overlaps(self, other: "Rect") -> bool:
        """Tell whether two rectangles share any room."""
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )


def rects(drawing: str) -> list[Rect]:
    """Return the boxes and labels of a drawing."""
    return [
        Rect(*(float(rect.get(name, "")) for name in ("x", "y", "width", "height")))
        for rect in ET.fromstring(drawing).iter(f"{SVG}rect")
        if rect.get("class") in {"box", "pill"}
    ]


def overlapping(drawing: str) -> list[tuple[Rect, Rect]]:
    """Return the pairs of rectangles that overlap."""
    pairs = itertools.combinations(rects(drawing), 2)
    return [(a, b) for a, b in pairs if a.overlaps(b)]


def outside(drawing: str) -> list[Rect]:
    """Return the rectangles that are not wholly on the paper."""
    _, _, wide, high = map(float, ET.fromstring(drawing).get("viewBox", "").split())
    return [
        r
        for r in rects(drawing)
        if r.x < 0 or r.y < 0 or r.x + r.width > wide or r.y + r.height > high
    ]


def steps(drawing: str) -> Counter[str]:
    """Return how often each step is drawn."""
    groups = ET.fromstring(drawing).iter(f"{SVG}g")
    return Counter(step for g in groups if (step := g.get("data-step")) is not None)


#: A flow with a step of every kind, and branches within branches.
EVERYTHING: dict[str, Any] = {
    "id": "everything",
    "description": {"en": "All there is", "zh": "全部步骤"},
    "slots": {
        "size": {"type": "number", "ask": "ask_size", "optional": True},
        "mail": {"type": "email", "ask": "ask_size", "fact": "email"},
    },
    "steps": [
        {"say": "ask_size"},
        {"collect": "size", "give_up": [{"say": "ask_size"}, {"hand_off": "service"}]},
        {"collect": "mail"},
        {
            "choose": "colour",
            "ask": "ask_size",
            "options": {"red": {"en": "Red", "zh": "红色"}, "blue": {"en": "Blue", "zh": "蓝色"}},
            "then": {
                "red": [
                    {
                        "if": {
                            "all": [{"slot": "size", "greater": 3}, {"not": {"open": "sales"}}]
                        },
                        "then": [{"say": "ask_size"}, {"link": "order_status"}],
                        "else": [{"set": {"size": None, "mail": "x"}}],
                    }
                ]
            },
            "give_up": [{"end": True}],
        },
        {
            "switch": "colour",
            "cases": {
                "red": [{"if": {"channel": "webchat"}, "then": [{"say": "ask_size"}]}],
                "blue": [{"call": "order_status", "with": {"a": 1}, "save": {"b": "size"}}],
                "green": [{"end": True}],
            },
        },
        {
            "search": "how big is {size}",
            "found": [{"say": "ask_size"}],
            "missing": [{"say": "ask_size"}, {"say": "ask_size"}],
        },
        {"act": "open_ticket", "with": {"subject": "x"}, "save": {"number": "n"}},
        {
            "act": "open_ticket",
            "meanwhile": "ask_size",
            "on_failure": [{"act": "open_lead", "on_failure": [{"hand_off": "sales"}]}],
        },
        {
            "wait": "paid",
            "up_to": "2h",
            "remind": "ask_size",
            "on_timeout": [{"say": "ask_size"}],
        },
        {"link": "order_status"},
    ],
    "responses": {
        "ask_size": {
            "en": [{"text": "How big shall it be? " * 9, "options": {"a": "Small", "b": "Big"}}]
            * 2,
            "zh": "要多大的？" * 20,
        }
    },
}


def everything() -> Flow:
    """Return the flow with a step of every kind."""
    return Flow.model_validate(EVERYTHING)


@pytest.fixture(scope="module")
def example() -> Bot:
    """Return the example bot."""
    return load_bot(EXAMPLE)


def test_the_flow_above_has_every_kind_of_step() -> None:
    """A new kind of step must be drawn, and tried here."""
    kinds = {
        kind
        for _, step in everything().walked
        for kind in _KINDS
        if kind in type(step).model_fields or f"{kind}_" in type(step).model_fields
    }

    assert kinds == set(_KINDS)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_step_is_drawn_once_and_nothing_overlaps(language: str) -> None:
    """Whatever nests in whatever, each box has room of its own on the paper."""
    flow = everything()
    drawing = draw_flow(corner_shop(), flow, language)

    assert steps(drawing) == Counter(place_name(path) for path, _ in flow.walked)
    assert overlapping(drawing) == []
    assert outside(drawing) == []
    assert draw_flow(corner_shop(), everything(), language) == drawing


@pytest.mark.parametrize("language", ["en", "zh"])
def test_all_flows_of_the_example_are_drawn(example: Bot, language: str) -> None:
    """All steps of all its flows, shared repair included, in both languages."""
    for flow in example.flows.values():
        drawing = draw_flow(example, flow, language)
        assert steps(drawing) == Counter(place_name(path) for path, _ in flow.walked)
        assert overlapping(drawing) == []
        assert outside(drawing) == []


def test_branches_loops_and_words_are_named() -> None:
    """Labels of branches, options, conditions and limits are in the language asked for."""
    english = draw_flow(corner_shop(), everything(), "en")
    chinese = draw_flow(corner_shop(), everything(), "zh")

    for words in ("gave up", "failed", "timed out", "not found", "any other choice", ">Red<"):
        assert words in english
    assert "size &gt; 3 and not (sales is open now)" in english
    assert "[Small]" in english
    for words in ("放弃", "失败", "超时", "没找到", ">红色<", "再问，最多 2 次", "要多大的？"):
        assert words in chinese
    assert "shall it be" not in chinese


def test_a_drawing_stands_alone_and_tells_its_content() -> None:
    """No script, no address to load from; a title and all steps in words for screen readers."""
    drawing = draw_flow(corner_shop(), everything(), "en")
    root = ET.fromstring(drawing)

    assert root.get("role") == "img"
    ids = (root.get("aria-labelledby") or "").split()
    told = {e.get("id"): e.text or "" for e in root.iter() if e.get("id") in ids}
    assert list(told) == ids
    assert told[ids[0]] == "All there is (everything)"
    assert told[ids[1]].count("\n") > len(everything().walked)
    assert "prefers-color-scheme:dark" in drawing
    addresses = re.findall(r"(?:https?:)?//[^\s\"'<)]+", drawing)
    assert set(addresses) == {"http://www.w3.org/2000/svg"}
    assert {tag.tag.removeprefix(SVG) for tag in root.iter()} <= {
        *("svg", "title", "desc", "style", "defs", "marker", "path", "rect", "g", "text"),
        *("circle",),
    }
    assert re.findall(r"url\(([^)]*)\)", drawing) == ["#everything-arrow"]


def test_hostile_texts_are_text() -> None:
    """Markup, control characters and what turns text round come out as harmless text."""
    data = {
        **EVERYTHING,
        "description": {"en": HOSTILE},
        "triggers": [HOSTILE],
        "responses": {"ask_size": {"en": HOSTILE * 20}},
    }
    flow = Flow.model_validate(data)
    drawing = draw_flow(corner_shop(), flow, "en")
    root = ET.fromstring(drawing)

    assert not list(root.iter(f"{SVG}script"))
    assert "<script" not in drawing
    assert not set("\x00\x0b\u202e\ufffe") & set(drawing)
    assert any("<script>alert(1)" in (text.text or "") for text in root.iter(f"{SVG}title"))
    assert overlapping(drawing) == []


def test_the_overview_shows_every_flow_and_who_leads_to_whom(example: Bot) -> None:
    """Each flow has one box with its title and triggers; lines lead from box to box."""
    for language in example.languages:
        drawing = draw_overview(example, language)
        root = ET.fromstring(drawing)
        drawn = Counter(g.get("data-flow") for g in root.iter(f"{SVG}g") if g.get("data-flow"))
        assert drawn == Counter(example.flow_paths.keys())
        assert overlapping(drawing) == []
        assert outside(drawing) == []
        assert draw_overview(example, language) == drawing
    description = root.find(f"{SVG}desc")
    assert description is not None
    assert "提供: request_quote" in (description.text or "")


@given(
    st.integers(1, 9).flatmap(
        lambda n: st.tuples(
            st.just(n),
            st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=20),
        )
    )
)
@settings(max_examples=150)
def test_any_graph_finds_its_layers(graph: tuple[int, list[tuple[int, int]]]) -> None:
    """Circles included: each box once, each line whole and from layer to layer."""
    count, pairs = graph
    names = [f"f{n}" for n in range(count)]
    edges = list(dict.fromkeys((f"f{a}", f"f{b}") for a, b in pairs if a != b))

    layers = layers_of(names, edges)

    places = [place for row in layers.rows for place in row]
    assert sorted(p for p in places if isinstance(p, str)) == names
    level = {place: n for n, row in enumerate(layers.rows) for place in row}
    for edge in edges:
        line = layers.line(edge)
        assert (line[0], line[-1]) == edge
        assert all(isinstance(place, Passage) for place in line[1:-1])
        assert all(abs(level[a] - level[b]) == 1 for a, b in itertools.pairwise(line))


@given(st.text(max_size=300), st.integers(20, 300), st.integers(1, 5))
def test_broken_lines_fit(text: str, room: int, lines: int) -> None:
    """No line is wider than its room but for punctuation that may not begin one."""
    broken = wrap(text, 13, room, lines=lines)

    assert len(broken) <= lines
    assert all(width(line, 13) <= room + 2 * 13 or len(line) == 1 for line in broken)
    assert width(shorten(text, 13, room), 13) <= room or len(shorten(text, 13, room)) == 1
    assert len(pack([text, text], 13, room, lines=lines)) <= lines


def test_han_characters_count_two_columns() -> None:
    """A Chinese text breaks where it must, and never before its punctuation."""
    assert width("水壶", 10) == 20
    assert width("水", 10) > 1.5 * width("a", 10)
    lines = wrap("订单号是多少？格式像，好的。", 10, 60, lines=9)
    assert all(not line.startswith(("？", "，", "。")) for line in lines)
    assert "".join(lines) == "订单号是多少？格式像，好的。"


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "zh"])
def test_texts_fit_their_boxes_in_a_browser(browser: Browser, example: Bot, language: str) -> None:
    """Measured by a real browser with real fonts, no text leaves its box."""
    view = browser.new_page()
    for name in ("request_quote", "return_request", "report_problem"):
        view.set_content(draw_flow(example, example.flows[name], language).split("\n", 1)[1])
        spilt = view.evaluate(
            """() => [...document.querySelectorAll("g.step, g.branch")].flatMap(g => {
                const box = g.querySelector("rect").getBBox();
                return [...g.querySelectorAll("text")].filter(text => {
                    const t = text.getBBox();
                    return t.x < box.x || t.x + t.width > box.x + box.width
                        || t.y < box.y - 1 || t.y + t.height > box.y + box.height + 1;
                }).map(text => text.textContent);
            })"""
        )
        assert spilt == []
    view.close()


# ---- the command


def graph(*arguments: str) -> tuple[int, str]:
    """Run `tributary graph`; return its status and all it said."""
    outcome = CliRunner().invoke(build(["graph", "check"]), ["graph", *arguments])
    return outcome.exit_code, outcome.output


def test_all_flows_and_an_overview_are_written(tmp_path: Path, example: Bot) -> None:
    """One file each in the folder asked for, and their paths on standard output."""
    status, output = graph(str(EXAMPLE), "--output", str(tmp_path / "new" / "drawings"))

    assert status == 0, output
    written = sorted(path.stem for path in (tmp_path / "new" / "drawings").glob("*.svg"))
    assert written == sorted(["overview", *example.flow_paths])
    assert len(output.split()) == len(written)


def test_one_flow_is_written_or_printed(tmp_path: Path) -> None:
    """In the language asked for."""
    file = tmp_path / "quote.svg"
    status, output = graph(
        str(EXAMPLE), "request_quote", "--output", str(file), "--language", "zh"
    )
    assert status == 0, output
    assert "获取报价" in file.read_text(encoding="utf-8")

    status, output = graph(str(EXAMPLE), "request_quote", "--output", "-")
    assert status == 0
    assert ET.fromstring(output.encode()).tag == f"{SVG}svg"


def test_mistakes_are_told(tmp_path: Path) -> None:
    """An unknown flow or language, a faulty bot, a folder that cannot be written."""
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="ascii")
    for arguments, words in (
        (["request_qoute"], "did you mean 'request_quote'"),
        (["request_quote", "--language", "fr"], "speaks en, zh, not fr"),
        (["--output", str(blocked)], "cannot be written"),
    ):
        status, output = graph(str(EXAMPLE), *arguments)
        assert status == 1
        assert words in " ".join(output.split())
    status, output = graph(str(tmp_path))
    assert status == 1
    assert "bot.yml" in output
