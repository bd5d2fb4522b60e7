"""Rasa's responses, and the rules that say them at once, as our responses and flows."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bots.imports.rasa_files import RasaFiles
from bots.imports.rasa_intents import Taught
from bots.imports.report import Report
from dialogues.bot import REPAIR_PREFIX
from dialogues.policy import CHITCHAT
from dialogues.references import CUSTOMER_FACTS, REPAIR_INTENTS
from nlu.language import written_in
from nlu.rasa_names import NAME_MAX as _NAME_MAX
from nlu.rasa_names import our_name
from nlu.text import normalise

_TEXT_MAX: Final = 4000
_LABEL_MAX: Final = 200
_OPTIONS_MAX: Final = 12
_SLOT: Final = re.compile(r"\{([^{}\n]{1,100})\}")
_UNKNOWN: Final = frozenset({"out_of_scope", "nlu_fallback"})

#: Language -> wordings; a wording is a text, or a mapping with text, style and options.
Texts = dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Variation:
    """One wording of Rasa's: the text, and what can be pressed as label -> intent."""

    text: str
    buttons: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Spoken:
    """What a bot will say."""

    responses: dict[str, Texts] = field(default_factory=dict)  #: of responses.yml
    spare: dict[str, Texts] = field(default_factory=dict)  #: that nothing says yet
    flows: dict[str, dict[str, Any]] = field(default_factory=dict)  #: by id


@dataclass(frozen=True, slots=True)
class _Rule:
    intent: str
    says: tuple[str, ...]


def convert_responses(files: RasaFiles, taught: Taught, report: Report) -> Spoken:
    """Return what can be brought of a project's responses; the report tells the rest."""
    variations = _read(files, report)
    rules = _rules(files, taught, variations, report)
    spoken = Spoken()
    flow_of = _flow_names(rule.intent for rule in rules)
    targets = {
        intent: f"flow:{flow}" for intent, flow in flow_of.items() if _starts_flow(intent)
    } | {"ask_human": "human", "cancel": "cancel"}
    texts = {
        name: _texts(each, taught, targets, report, path)
        for name, (each, path) in variations.items()
    }
    for rule in rules:
        says = [texts[name] for name in rule.says]
        if rule.intent in CHITCHAT:
            spoken.responses[rule.intent] = _joined(says)
        elif rule.intent in _UNKNOWN:
            spoken.responses["cannot_handle"] = _joined(says)
        else:
            spoken.responses |= dict(zip(rule.says, says, strict=True))
            flow = flow_of[rule.intent]
            spoken.flows[flow] = {
                "id": flow,
                "description": dict.fromkeys(taught.languages, _title(rule.intent)),
                "triggers": [rule.intent],
                "steps": [{"say": name} for name in rule.says],
            }
    said = {name for rule in rules for name in rule.says}
    spoken.spare = {name: text for name, text in texts.items() if name not in said}
    for name, (_, path) in variations.items():
        if name in said:
            report.bring("responses", path)
        else:
            why = "no rule says them at once; kept in responses_not_used.yml"
            report.leave("responses", path, why)
    return spoken


def _flow_names(intents: Iterable[str]) -> dict[str, str]:
    """Return a name for the flow of each intent; no two are the same, none is repair's."""
    names: dict[str, str] = {}
    for intent in intents:
        name = intent.replace("/", "_")[: _NAME_MAX - 8]
        if name in names.values() or name.startswith(REPAIR_PREFIX):
            name = f"flow_{len(names) + 1}_{name}"[:_NAME_MAX]
        names[intent] = name
    return names


def _response_name(name: str) -> str:
    return our_name(name).replace("/", "_")[:_NAME_MAX]


def _starts_flow(intent: str) -> bool:
    return intent not in CHITCHAT | REPAIR_INTENTS | _UNKNOWN


def _read(files: RasaFiles, report: Report) -> dict[str, tuple[list[Variation], Path]]:
    found: dict[str, tuple[list[Variation], Path]] = {}
    for key in ("responses", "templates"):
        for file in files.domain.get(key, []):
            data = file.data[key]
            for name, listed in data.items() if isinstance(data, dict) else ():
                ours = _response_name(str(name))
                kept = _variations(listed, file.path, report)
                report.rename("response", str(name), ours)
                line = file.line((key, str(name)))
                if ours in found:
                    why = "its name falls together with another's"
                    report.leave("responses", file.path, why, line=line)
                elif ours and kept:
                    found[ours] = (kept, file.path)
                else:
                    report.leave("responses", file.path, "no text of its own", line=line)
    return found


def _variations(listed: object, path: Path, report: Report) -> list[Variation]:
    kept = []
    for each in listed if isinstance(listed, list) else []:
        data = {"text": each} if isinstance(each, str) else each
        if not isinstance(data, dict):
            continue
        what = "wordings of responses"
        if data.get("channel") or data.get("condition"):
            kind = "one channel" if data.get("channel") else "a condition"
            report.leave(what, path, f"for {kind} only; say them in a flow's branches")
            continue
        text = str(data.get("text") or "").strip()
        for part in ("image", "attachment"):
            link = data.get(part)
            if isinstance(link, str) and link.startswith(("http://", "https://")):
                text = f"{text}\n{link}".strip()
                report.bring("pictures and attachments", path, why="as links in the text")
        if lost := sorted({"custom", "elements", "quick_replies"} & set(data)):
            report.leave(f"parts of responses: {', '.join(lost)}", path, "have no form here")
        if text:
            kept.append(Variation(text[:_TEXT_MAX], _buttons(data.get("buttons"), path, report)))
    return kept


def _buttons(listed: object, path: Path, report: Report) -> tuple[tuple[str, str], ...]:
    found = []
    for each in listed if isinstance(listed, list) else []:
        title = str(each.get("title") or "") if isinstance(each, dict) else ""
        payload = str(each.get("payload") or "") if isinstance(each, dict) else ""
        if title and payload.startswith("/"):
            intent, brace, _ = payload[1:].partition("{")
            if brace:
                report.leave("values in buttons", path, "a button here starts a flow, no more")
            found.append((title[:_LABEL_MAX], intent.strip()))
        else:
            report.leave("buttons", path, "do not name an intent")
    return tuple(found)


def _rules(
    files: RasaFiles,
    taught: Taught,
    variations: Mapping[str, object],
    report: Report,
) -> list[_Rule]:
    """Return the rules and stories that answer one intent with responses and end."""
    found: dict[str, _Rule] = {}
    for kind, steps, path in files.talks:
        made = _one_turn(steps, taught, variations)
        fresh = [rule for rule in made if rule.intent not in found]
        plural = {"rule": "rules", "story": "stories"}[kind]
        if fresh:
            found |= {rule.intent: rule for rule in fresh}
            report.bring(plural, path, why="answer one intent and became flows")
        else:
            why = "an intent has its answer already" if made else "dialogues; write flows"
            report.leave(plural, path, why)
    return list(found.values())


def _one_turn(steps: object, taught: Taught, variations: Mapping[str, object]) -> list[_Rule]:
    if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
        return []
    first, *rest = [step for step in steps if step.get("action") != "action_listen"] or [{}]
    asked = first.get("or") if isinstance(first.get("or"), list) else [first]
    plain = all(isinstance(a, dict) and set(a) == {"intent"} for a in asked or [])
    if not plain or not rest or any(set(step) != {"action"} for step in rest):
        return []
    rules: list[_Rule] = []
    for each in asked or []:
        intent = taught.names.get(str(each["intent"]), our_name(str(each["intent"])))
        says = tuple(_response_name(str(step["action"])) for step in rest)
        group = [name for name in taught.intents if name.startswith(f"{intent}/")]
        if group and says == (f"utter_{intent}",):
            own = {name: _response_name(f"utter_{name}") for name in group}
            rules += [_Rule(name, (r,)) for name, r in own.items() if r in variations]
        elif all(name in variations for name in says) and intent not in REPAIR_INTENTS:
            rules.append(_Rule(intent, says))
    known = {*taught.intents, *CHITCHAT, *_UNKNOWN, "ask_human"}
    return [rule for rule in rules if rule.intent in known]


def _texts(
    variations: list[Variation],
    taught: Taught,
    targets: Mapping[str, str],
    report: Report,
    path: Path,
) -> Texts:
    found: Texts = {language: [] for language in taught.languages}
    offered = [_options(each, taught, targets, report, path) for each in variations]
    if len({frozenset(options) for options in offered}) > 1:
        report.leave("buttons", path, "the wordings of a response offer different ones")
        offered = [{} for _ in offered]
    for each, options in zip(variations, offered, strict=True):
        text = _SLOT.sub(lambda match: _inserted(match[1], report, path), each.text)
        language = written_in(normalise(text), languages=taught.languages)
        whole = {"text": text, "style": "buttons", "options": options} if options else text
        found[language].append(whole)
    spoken = next(texts for texts in found.values() if texts)
    if missing := [language for language, texts in found.items() if not texts]:
        report.leave("translations of responses", path, f"no text in {', '.join(missing)}")
    return {language: texts or spoken for language, texts in found.items()}


def _inserted(slot: str, report: Report, path: Path) -> str:
    name = our_name(slot).replace("/", "_")
    if name in CUSTOMER_FACTS:
        return f"{{customer.{name}}}"
    report.leave("slots in texts", path, f"nothing fills {{{slot}}} yet")
    return "…"


def _options(
    variation: Variation, taught: Taught, targets: Mapping[str, str], report: Report, path: Path
) -> dict[str, str]:
    options: dict[str, str] = {}
    for label, intent in variation.buttons:
        target = targets.get(taught.names.get(intent, our_name(intent)))
        if target is None or target in options or len(options) >= _OPTIONS_MAX:
            report.leave("buttons", path, f"start nothing here: /{intent[:60]}")
        else:
            options[target] = label
            report.bring("buttons", path)
    return options


def _joined(says: list[Texts]) -> Texts:
    """Return several responses as one; the first wording of each where there are several."""
    if len(says) == 1:
        return says[0]
    return {
        language: ["\n\n".join(_plain(each[language][0]) for each in says)[:_TEXT_MAX]]
        for language in says[0]
    }


def _plain(wording: object) -> str:
    return str(wording["text"]) if isinstance(wording, dict) else str(wording)


def _title(intent: str) -> str:
    return intent.rpartition("/")[2].replace("_", " ").capitalize()
