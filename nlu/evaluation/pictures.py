"""Pictures of an evaluation as PNG: calibration, confusions, and scores in and out of scope."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from nlu.evaluation.results import Results
from nlu.training_data import OUT_OF_SCOPE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Fonts with Chinese, the first that is installed is used.
_CHINESE_FONTS: Final = (
    *("Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans CJK TC", "Noto Sans SC"),
    *("Source Han Sans SC", "Source Han Sans CN", "Microsoft YaHei", "PingFang SC"),
    *("Hiragino Sans GB", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei"),
)
#: Dots an inch of the PNG files.
_DPI: Final = 144
#: More intents than this get no name on the axes of the confusion matrix.
_NAMED_MAX: Final = 40
#: The worst confusions, which are numbered in the matrix and told beside it.
_TOLD_MAX: Final = 12
#: Longest name of an intent on an axis or in a list, in characters.
_NAME_MAX: Final = 30


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of a picture."""

    paper: str
    ink: str
    faint: str  #: lines and bars behind
    known: str
    unknown: str


LIGHT: Final = Theme("#ffffff", "#1d2b2a", "#d5dddb", "#0b7a6f", "#d1701a")
DARK: Final = Theme("#161c1b", "#e4ecea", "#3a4644", "#4fc4b5", "#f0a35c")


def draw(results: Results, theme: Theme = LIGHT) -> dict[str, bytes]:
    """Return the pictures of `results` by name, as PNG.

    Names in Chinese are drawn when a font with Chinese is installed, and escaped when not.
    """
    # Matplotlib costs half a second to import; only reports need it.
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    style: dict[Any, Any] = {
        "font.family": [name for name in (_chinese_font(), "DejaVu Sans") if name],
        "font.size": 10,
        "text.parse_math": False,  # a $ in a label is a $
        "axes.unicode_minus": False,
        "text.color": theme.ink,
        "axes.labelcolor": theme.ink,
        "axes.edgecolor": theme.faint,
        "xtick.color": theme.ink,
        "ytick.color": theme.ink,
        "axes.facecolor": theme.paper,
        "figure.facecolor": theme.paper,
        "savefig.facecolor": theme.paper,
        "axes.spines.top": False,
        "axes.spines.right": False,
    }
    pictures: dict[str, bytes] = {}
    with rc_context(style):
        for name, size, paint in (
            ("calibration", (6.4, 5.2), _calibration),
            ("confusion", _matrix_size(results), _confusion),
            ("scores", (7.6, 4.4), _scores),
        ):
            figure = Figure(figsize=size, layout="constrained")
            paint(figure, results, theme)
            pictures[name] = _png(figure)
    return pictures


def _png(figure: "Figure") -> bytes:
    buffer = io.BytesIO()
    figure.savefig(
        buffer,
        format="png",
        dpi=_DPI,
        bbox_inches="tight",
        pad_inches=0.2,
        metadata={"Software": None},
    )
    return buffer.getvalue()


def _calibration(figure: "Figure", results: Results, theme: Theme) -> None:
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(4, 1))
    filled = [each for each in results.bins if each.count]
    upper.plot([0, 1], [0, 1], color=theme.unknown, linestyle="--", label="perfect")
    upper.bar(
        [each.low for each in filled],
        [each.accuracy for each in filled],
        width=[each.high - each.low for each in filled],
        align="edge",
        color=theme.known,
        alpha=0.3,
        edgecolor=theme.paper,
    )
    upper.plot(
        [each.probability for each in filled],
        [each.accuracy for each in filled],
        color=theme.known,
        marker="o",
        markersize=5,
        label="measured",
    )
    upper.legend(frameon=False, loc="upper left")
    upper.set(xlim=(0, 1), ylim=(0, 1.02), ylabel="share that was right")
    upper.set_title(
        f"Calibration: error {results.calibration_error:.1%} on {results.known:,} texts",
        loc="left",
        fontsize=11,
        fontweight="bold",
    )
    lower.bar(
        [each.low for each in results.bins],
        [each.count for each in results.bins],
        width=[each.high - each.low for each in results.bins],
        align="edge",
        color=theme.known,
        edgecolor=theme.paper,
    )
    lower.set(xlabel="probability of the best intent", ylabel="texts")
    for axes in (upper, lower):
        _grid(axes, theme)


def _scores(figure: "Figure", results: Results, theme: Theme) -> None:
    axes = figure.subplots()
    edges = np.linspace(0, 1, 41).tolist()
    for values, colour, name in (
        (results.scores_known, theme.known, "in scope"),
        (results.scores_unknown, theme.unknown, "out of scope"),
    ):
        if not values:
            continue
        share = np.full(len(values), 100 / len(values))
        label = f"{name} ({len(values):,})"
        axes.hist(values, edges, weights=share, color=colour, alpha=0.35)
        axes.hist(values, edges, weights=share, color=colour, histtype="step", label=label)
    for refusal, line in zip(results.refusals, (":", "--", "-"), strict=False):
        points = f"{refusal.loss} point{'s' if refusal.loss != 1 else ''}"
        label = f"{refusal.recall:.0%} refused for {points}"
        axes.axvline(refusal.threshold, color=theme.ink, linewidth=1, linestyle=line, label=label)
    axes.set(
        xlim=(0, 1), xlabel="score: how sure that it means anything known", ylabel="% of texts"
    )
    area = f": AUROC {results.auroc:.3f}" if results.auroc is not None else ""
    title = f"Scores in and out of scope{area}" if results.unknown else "Scores in scope"
    axes.set_title(title, loc="left", fontsize=11, fontweight="bold")
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    _grid(axes, theme)


def _grid(axes: "Axes", theme: Theme) -> None:
    axes.set_axisbelow(True)
    axes.grid(axis="y", color=theme.faint, linewidth=0.6)
    axes.tick_params(length=0)


def _matrix_size(results: Results) -> tuple[float, float]:
    count = len(_shown(results))
    side = 5.4 + 0.14 * count if count <= _NAMED_MAX else 8.2
    return side + 3.2, side


def _shown(results: Results) -> list[str]:
    """Return the intents of the matrix: those that were tested or predicted."""
    names = {name for pair in results.confusions for name in pair}
    known = sorted(names - {OUT_OF_SCOPE})
    return [*known, *({OUT_OF_SCOPE} & names)]


def _confusion(figure: "Figure", results: Results, theme: Theme) -> None:
    names = _shown(results)
    place = {name: at for at, name in enumerate(names)}
    counts = np.zeros((len(names), len(names)))
    for (truth, predicted), count in results.confusions.items():
        counts[place[truth], place[predicted]] = count
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes, told = figure.subplots(1, 2, width_ratios=(2.8, 1))
    image = axes.imshow(shares, cmap=_shades(theme), vmin=0, vmax=1, interpolation="nearest")
    bar = figure.colorbar(image, ax=axes, shrink=0.6, pad=0.02)
    bar.set_label("share of the intent's texts", fontsize=8)
    bar.ax.tick_params(labelsize=8, length=0)
    bar.outline.set_visible(False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    if len(names) <= _NAMED_MAX:
        labels = [_drawable(name) for name in names]
        size = 9 if len(names) <= 20 else 7
        axes.set_xticks(range(len(names)), labels, rotation=90, fontsize=size)
        axes.set_yticks(range(len(names)), labels, fontsize=size)
    else:
        axes.set_xticks([])
        axes.set_yticks([])
    axes.tick_params(length=0)
    axes.set(xlabel="taken for", ylabel="meant")
    count = len(set(names) - {OUT_OF_SCOPE})
    title = f"Confusions: accuracy {results.accuracy:.1%}, {count} intents"
    axes.set_title(title, loc="left", fontsize=11, fontweight="bold")
    _tell_worst(axes, told, results, place, theme)


def _tell_worst(
    axes: "Axes", told: "Axes", results: Results, place: Mapping[str, int], theme: Theme
) -> None:
    """Number the worst confusions in the matrix, and name them beside it."""
    told.set_axis_off()
    wrong = {pair: count for pair, count in results.confusions.items() if pair[0] != pair[1]}
    worst = sorted(wrong.items(), key=lambda item: (-item[1], item[0]))[:_TOLD_MAX]
    lines = ["The most frequent" if worst else "Nothing was confused"]
    for number, ((truth, predicted), count) in enumerate(worst, 1):
        axes.text(
            place[predicted],
            place[truth],
            str(number),
            color=theme.paper,
            fontsize=7,
            ha="center",
            va="center",
            bbox={"boxstyle": "circle,pad=0.25", "facecolor": theme.unknown, "linewidth": 0},
        )
        lines.append(f"\n{number:>2}  {_drawable(truth)}")
        lines.append(f"      → {_drawable(predicted)}  ({count})")
    told.text(0, 1, "\n".join(lines), fontsize=8, va="top", transform=told.transAxes)


def _shades(theme: Theme) -> Any:  # noqa: ANN401 - a name or a colour map of matplotlib
    from matplotlib.colors import LinearSegmentedColormap

    # Few errors must be seen beside nothing, so the first colour after the paper is strong.
    return LinearSegmentedColormap.from_list(
        "shares", [(0, theme.paper), (0.001, theme.faint), (1, theme.known)]
    )


def _drawable(name: str) -> str:
    """Return a name short and with nothing in it that the fonts lack."""
    short = name if len(name) <= _NAME_MAX else name[: _NAME_MAX - 1] + "…"
    glyphs = _glyphs()
    return "".join(c if ord(c) in glyphs else c.encode("unicode_escape").decode() for c in short)


@lru_cache(maxsize=1)
def _chinese_font() -> str | None:
    from matplotlib.font_manager import fontManager

    installed = {font.name for font in fontManager.ttflist}
    return next((name for name in _CHINESE_FONTS if name in installed), None)


@lru_cache(maxsize=1)
def _glyphs() -> frozenset[int]:
    """Return the characters that the fonts can draw."""
    from matplotlib.font_manager import FontProperties, findfont, get_font

    found: set[int] = set()
    names: Sequence[str | None] = (_chinese_font(), "DejaVu Sans")
    for name in names:
        if name is not None:
            found.update(get_font(findfont(FontProperties(family=name))).get_charmap())
    return frozenset(found)
