"""Checks of what the parts of a bot say about each other; every fault is named, none raised."""

import re
from collections.abc import Collection

from dialogues.bot import REPAIR_PREFIX, Bot
from dialogues.checking import (
    CUSTOMER_FACTS,
    FIELDS,
    REPAIR_INTENTS,
    Check,
    Sources,
    is_repair,
    language_faults,
    step_key,
)
from dialogues.flow import Flow
from dialogues.flow_graph import check_graph
from dialogues.hints import unknown
from dialogues.known_slots import known_slots
from dialogues.response_checks import response_faults, said
from dialogues.slot_checks import slot_faults
from dialogues.step_checks import check_steps
from nlu.yaml_file import Fault

__all__ = [
    "CUSTOMER_FACTS",
    "FIELDS",
    "REPAIR_INTENTS",
    "Sources",
    "check_references",
    "known_slots",
    "step_key",
]


def check_references(
    bot: Bot,
    sources: Sources,
    *,
    intents: Collection[str] | None,
    entities: Collection[str] | None,
) -> list[Fault]:
    """Return everything wrong between the parts of `bot`."""
    check = Check(bot, sources)
    _check_bot_file(check)
    _check_bot_responses(check)
    for flow in check.own():
        _check_texts(check, flow)
        for key, message in slot_faults(bot, flow, entities):
            check.add(flow, key, message)
        check_steps(check, flow)
        _check_unused(check, flow)
    _check_renamed(check)
    check_graph(check, intents)
    return check.faults


def _check_bot_file(check: Check) -> None:
    path = check.bot.folder / "bot.yml"
    file = check.sources.files[path]
    for name in ("title", "description"):
        for message in language_faults(check.bot, getattr(check.bot.file, name)):
            check.faults.append(file.fault((name,), message))
    for index, flow in enumerate(check.bot.file.menu):
        if flow not in check.bot.flows or flow.startswith(REPAIR_PREFIX):
            check.faults.append(
                file.fault(("menu", index), unknown("flow", flow, check.bot.flows))
            )
    for name, pattern in check.bot.file.patterns.items():
        try:
            re.compile(pattern)
        except re.error as error:
            check.faults.append(
                file.fault(("patterns", name), f"not a regular expression: {error}")
            )
    for name, desk in check.bot.file.desks.items():
        for index, language in enumerate(desk.languages):
            if language not in check.bot.languages:
                message = f"{language!r} is not a language of the bot"
                check.faults.append(file.fault(("desks", name, "languages", index), message))


def _check_bot_responses(check: Check) -> None:
    path = check.bot.folder / "responses.yml"
    file = check.sources.files.get(path)
    if file is not None and isinstance(file.data, dict):
        used = {name for flow in check.bot.flows.values() for name in said(flow)}
        for name in file.data:
            response = check.bot.responses[name]
            for key, message in response_faults(check.bot, response, slots=None):
                check.faults.append(file.fault((name, *key), message))
            if name not in used and name not in check.sources.shared_names:
                check.faults.append(file.fault((name,), "no flow says this response"))
    bot_file = check.sources.files[check.bot.folder / "bot.yml"]
    for name in sorted(check.sources.shared_names):
        missing = set(check.bot.languages) - set(check.bot.responses[name].variants)
        if missing and (file is None or name not in file.data):
            message = f"the shared response {name!r} has no {', '.join(sorted(missing))}; "
            check.faults.append(
                bot_file.fault(("languages",), message + "write it in responses.yml")
            )


def _check_texts(check: Check, flow: Flow) -> None:
    for message in language_faults(check.bot, flow.description):
        check.add(flow, ("description",), message)
    slots = known_slots(flow)
    for name, response in flow.responses.items():
        for key, message in response_faults(check.bot, response, slots=slots):
            check.add(flow, ("responses", name, *key), message)


def _check_unused(check: Check, flow: Flow) -> None:
    if is_repair(flow):
        return
    used = set(said(flow))
    for name in flow.responses:
        if name not in used:
            check.add(flow, ("responses", name), "no step of the flow says this response")


def _check_renamed(check: Check) -> None:
    """Report renames that lead nowhere, or away from what is still there."""
    claimed: dict[str, str] = {}
    for flow in check.own():
        for index, old in enumerate(flow.renamed.flow):
            place = ("renamed", "flow", index)
            if old in check.bot.flows:
                check.add(flow, place, f"the flow {old!r} is still there")
            elif old in claimed:
                check.add(flow, place, f"{claimed[old]!r} was {old!r} already")
            claimed.setdefault(old, flow.id)
        ids = {step.id for _, step in flow.walked if step.id is not None}
        for noun, renames, known in (
            ("slot", flow.renamed.slots, known_slots(flow)),
            ("step", flow.renamed.steps, ids),
        ):
            for old, new in renames.items():
                key = ("renamed", f"{noun}s", old)
                if new not in known:
                    check.add(flow, key, unknown(noun, new, known))
                elif old in known:
                    check.add(flow, key, f"the {noun} {old!r} is still there")
