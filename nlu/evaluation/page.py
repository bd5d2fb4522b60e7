"""The report of an evaluation as one HTML page that needs nothing else; light and dark."""

import base64
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Final

from nlu.evaluation.results import Pair, Results

_PICTURES: Final = {
    "calibration": "How often an intent is right at each probability it is given.",
    "scores": "The scores that decide whether a text is understood at all.",
    "confusion": "What each intent is taken for; errors are numbered by frequency.",
}
_STYLE: Final = """
:root{--paper:#fff;--sheet:#f5f8f7;--ink:#1d2b2a;--soft:#5b6b68;--line:#d5dddb;--good:#0b7a6f;
--bad:#b5530b;color-scheme:light dark}
@media(prefers-color-scheme:dark){:root{--paper:#161c1b;--sheet:#1f2726;--ink:#e4ecea;
--soft:#9fb0ac;--line:#3a4644;--good:#4fc4b5;--bad:#f0a35c}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);line-height:1.5;overflow-wrap:anywhere;
font-family:system-ui,"Segoe UI","PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
main{max-width:70rem;margin:0 auto;padding:2rem 1rem 4rem}
h1{font-size:1.6rem;margin:0}h2{font-size:1.15rem;margin:2.5rem 0 .75rem}
p.sub{color:var(--soft);margin:.25rem 0 1.5rem}
dl.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(9.5rem,1fr));gap:.75rem;margin:0}
dl.cards div{background:var(--sheet);border:1px solid var(--line);border-radius:.6rem;
padding:.7rem .9rem}
dt{color:var(--soft);font-size:.82rem}dd{margin:0;font-size:1.45rem;font-weight:650;
font-variant-numeric:tabular-nums}
dd small{display:block;font-size:.78rem;font-weight:400;color:var(--soft)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.92rem}
th,td{text-align:left;padding:.35rem .7rem;border-bottom:1px solid var(--line)}
th{color:var(--soft);font-weight:600;white-space:nowrap}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.bar{display:inline-block;height:.55rem;border-radius:.3rem;background:var(--good);
vertical-align:middle}
.track{display:inline-block;width:7rem;background:var(--line);border-radius:.3rem;line-height:0;
height:.55rem;vertical-align:middle;margin-left:.5rem}
article{border:1px solid var(--line);border-radius:.6rem;padding:.8rem 1rem;margin:.75rem 0;
background:var(--sheet)}
article h3{margin:0;font-size:1rem}
.tag{font-size:.75rem;font-weight:600;border-radius:1rem;padding:.1rem .6rem;margin-left:.5rem;
border:1px solid currentColor;color:var(--bad);white-space:nowrap}
article p{margin:.3rem 0;color:var(--soft);font-size:.88rem}
ul{margin:.4rem 0 0;padding-left:1.1rem}
li small{color:var(--soft)}
.pictures{display:grid;gap:1.25rem;align-items:start;
grid-template-columns:repeat(auto-fit,minmax(min(26rem,100%),1fr))}
figure{margin:0}figure.confusion{grid-column:1/-1}figure img{width:100%;height:auto;
border:1px solid var(--line);border-radius:.6rem;display:block}
figcaption{color:var(--soft);font-size:.88rem;margin-top:.4rem}
"""
_ADVICE: Final = {
    "merge": "Each is often taken for the other: one intent may be enough.",
    "rewrite": "Write examples that tell the two apart, or move those that stand wrongly.",
}
#: Pairs of confused intents that are told.
_PAIRS_MAX: Final = 20


def write_report(results: Results, folder: Path) -> Path:
    """Write `report.html` and the pictures into `folder`, which is made; return the page.

    Raises:
        OSError: the folder cannot be written.
    """
    from nlu.evaluation.pictures import DARK, LIGHT, draw

    light, dark = draw(results, LIGHT), draw(results, DARK)
    folder.mkdir(parents=True, exist_ok=True)
    for name, picture in light.items():
        (folder / f"{name}.png").write_bytes(picture)
    page = folder / "report.html"
    page.write_text(render(results, light, dark), encoding="utf-8", errors="replace")
    return page


def render(results: Results, light: Mapping[str, bytes], dark: Mapping[str, bytes]) -> str:
    """Return the page; every text of the data is escaped.

    Args:
        results: what is told.
        light: pictures as PNG, by name.
        dark: the same for readers who like it dark.
    """
    title = escape(results.title)
    figures = "".join(
        _figure(name, caption, light[name], dark[name])
        for name, caption in _PICTURES.items()
        if name in light
    )
    # Nothing is loaded from anywhere and nothing runs, whatever the texts hold.
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Evaluation of {title}</title><style>{_STYLE}</style></head><body><main>"
        f'<h1>Evaluation of {title}</h1><p class="sub">{_subtitle(results)}</p>'
        f"{_notes(results.notes)}{_cards(results)}{_scope(results)}"
        f'{_seeds(results)}<h2>Pictures</h2><div class="pictures">{figures}</div>'
        f"{_pairs(results.pairs)}{_intents(results)}"
        "</main></body></html>\n"
    )


def _subtitle(results: Results) -> str:
    parts = [
        f"{results.known:,} texts in scope, {results.unknown:,} out of scope",
        f"{results.taught:,} examples of {results.intents} intents",
        f"languages: {', '.join(results.languages)}",
        f"encoder: {results.encoder}",
    ]
    return escape(" · ".join(parts))


def _notes(notes: Sequence[str]) -> str:
    items = "".join(f"<li>{escape(note)}</li>" for note in notes)
    return f"<ul>{items}</ul><br>" if items else ""


def _cards(results: Results) -> str:
    cards = [
        ("Accuracy", f"{results.accuracy:.1%}", "in scope, by best intent"),
        ("Macro F1", f"{results.macro_f1:.1%}", "each intent counts the same"),
        ("Clear and right", f"{results.acted_right:.1%}", "acted upon rightly"),
        ("Clear but wrong", f"{results.acted_wrong:.1%}", "acted upon wrongly"),
        ("Calibration error", f"{results.calibration_error:.1%}", "15 bins, lower is better"),
        ("Training", f"{results.training_seconds:.1f} s", "for each model"),
        ("Interpreting", f"{results.interpret_ms:.2f} ms", f"95 %: {results.interpret_ms_95:.2f}"),
    ]
    if results.auroc is not None:
        cards.insert(4, ("AUROC", f"{results.auroc:.3f}", "in scope against out of scope"))
    if results.first_stage is not None:
        cards.append(("First stage", f"{results.first_stage:.0%}", "answered without encoder"))
    if results.spans is not None:
        told = f"{results.spans.support:,} annotated spans"
        cards.append(("Entities F1", f"{results.spans.f1:.1%}", told))
    cards += [
        (f"Accuracy {each.language}", f"{each.accuracy:.1%}", f"{each.known:,} texts")
        for each in results.by_language
        if len(results.by_language) > 1
    ]
    shown = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}<small>{escape(note)}</small></dd></div>"
        for name, value, note in cards
    )
    return f'<dl class="cards">{shown}</dl>'


def _scope(results: Results) -> str:
    rows = [
        ["in scope", f"{results.known:,}", *_percents(results.outcomes_known)],
        *(
            [["out of scope", f"{results.unknown:,}", *_percents(results.outcomes_unknown)]]
            if results.unknown
            else []
        ),
    ]
    head = ["texts", "count", *results.outcomes_known]
    told = _table(head, rows, numbers=range(1, 5))
    if results.refusals:
        rows = [
            [
                f"{each.loss} point{'s' if each.loss != 1 else ''}",
                f"{each.threshold:.3f}",
                f"{each.recall:.1%}",
            ]
            for each in results.refusals
        ]
        head = ["in-scope accuracy given up", "score", "out of scope refused"]
        told += f"<h2>Refusing by score</h2>{_table(head, rows, numbers=range(1, 3))}"
    return f"<h2>Outcomes</h2>{told}"


def _percents(shares: Mapping[str, float]) -> list[str]:
    return [f"{share:.1%}" for share in shares.values()]


def _seeds(results: Results) -> str:
    if len(results.by_seed) < 2:
        return ""
    rows = [
        [
            str(each.seed),
            f"{each.accuracy:.1%}",
            f"{each.macro_f1:.1%}",
            "" if each.auroc is None else f"{each.auroc:.3f}",
        ]
        for each in results.by_seed
    ]
    head = ["seed", "accuracy", "macro F1", "AUROC"]
    return f"<h2>Draws of examples</h2>{_table(head, rows, numbers=range(1, 4))}"


def _pairs(pairs: Sequence[Pair]) -> str:
    if not pairs:
        return ""
    return "<h2>Confused pairs</h2>" + "".join(_pair(pair) for pair in pairs[:_PAIRS_MAX])


def _pair(pair: Pair) -> str:
    items = "".join(
        f"<li>{escape(each.text)} <small>means {escape(each.truth)}, taken for "
        f"{escape(each.predicted)}{' · ' + escape(each.place) if each.place else ''}</small></li>"
        for each in pair.examples
    )
    first, second = escape(pair.first), escape(pair.second)
    return (
        f'<article><h3>{first} ↔ {second}<span class="tag">{pair.advice}</span></h3>'
        f"<p>{pair.first_as_second} of {first} taken for {second}, {pair.second_as_first} the "
        f"other way round: {pair.share:.0%} of both. {_ADVICE[pair.advice]}</p>"
        f"<ul>{items}</ul></article>"
    )


def _figure(name: str, caption: str, light: bytes, dark: bytes) -> str:
    day, night = (base64.b64encode(png).decode() for png in (light, dark))
    return (
        f'<figure class="{name}"><picture><source media="(prefers-color-scheme:dark)" '
        f'srcset="data:image/png;base64,{night}"><img alt="{escape(caption)}" '
        f'src="data:image/png;base64,{day}">'
        f"</picture><figcaption>{escape(caption)}</figcaption></figure>"
    )


def _intents(results: Results) -> str:
    rows = "".join(
        f'<tr><td>{escape(each.name)}</td><td class="n">{each.precision:.1%}</td>'
        f'<td class="n">{each.recall:.1%}</td><td class="n">{each.f1:.1%}<span class="track">'
        f'<span class="bar" style="width:{each.f1:.0%}"></span></span></td>'
        f'<td class="n">{each.support:,}</td></tr>'
        for each in results.by_intent
    )
    head = "".join(f'<th class="n">{each}</th>' for each in ("precision", "recall", "F1", "texts"))
    return (
        f'<h2>Intents, the worst first</h2><div class="scroll"><table><thead><tr><th>intent</th>'
        f"{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: range) -> str:
    def cells(tag: str, row: Sequence[str]) -> str:
        return "".join(
            f"<{tag}{' class=n' if at in numbers else ''}>{escape(cell)}</{tag}>"
            for at, cell in enumerate(row)
        )

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return (
        f'<div class="scroll"><table><thead><tr>{cells("th", head)}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )
