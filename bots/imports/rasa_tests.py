"""Rasa's end-to-end tests and test stories as `conversations/*.yml` of a bot folder."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bots.imports.rasa_cases import UnmappableError, name_of, turns_of
from bots.imports.report import Report
from dialogues.bot import load_bot
from dialogues.case_references import Names
from dialogues.check import check_folder
from nlu.rasa_project import block_yaml
from nlu.yaml_file import Fault, FaultyFileError, YamlFile

#: Slots of a fixture that are facts about the customer here.
_FACTS: Final = ("name", "email", "phone", "company")

#: Key of the cases -> key of each one's name.
_KINDS: Final = {"test_cases": "test_case", "stories": "story"}

#: Longest name of a conversation.
_NAME_MAX: Final = 180


@dataclass(frozen=True, slots=True)
class ImportedTests:
    """Files that were made, and how well they came."""

    files: tuple[Path, ...]
    report: Report
    faults: list[Fault]  #: what `tributary check` says of them


def import_rasa_tests(paths: Sequence[Path], folder: Path) -> ImportedTests:
    """Write Rasa's tests into the bot in `folder`, a file for each of theirs.

    Raises:
        FaultyFileError: a file is no YAML or has no tests, or a file of that name is there.
        OSError: a file cannot be written.
    """
    root = paths[0].parent if len({path.parent for path in paths}) == 1 else Path()
    report = Report(root)
    known = set(Names.of(load_bot(folder)).known["response"])
    converted: dict[Path, list[dict[str, Any]]] = {}
    faults: list[Fault] = []
    for path in paths:
        target = folder / "conversations" / f"{name_of(path.stem) or 'rasa'}.yml"
        if target.exists() or target in converted:
            faults.append(Fault(path, 1, "", f"{target} is there already; rename one of them"))
            continue
        try:
            converted[target] = _with_known(convert(YamlFile.read(path), report), known)
        except FaultyFileError as error:
            faults += error.faults
    if faults:
        raise FaultyFileError(faults)
    written = {target: cases for target, cases in converted.items() if cases}
    for target, cases in written.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(block_yaml(cases), encoding="utf-8")
    left = [fault for fault in check_folder(folder) if fault.path in written]
    return ImportedTests(tuple(written), report, left)


def _with_known(cases: list[dict[str, Any]], known: Collection[str]) -> list[dict[str, Any]]:
    """Name the bot's `greet` where Rasa says `utter_greet` and the bot has no such response."""
    for turn in (turn for case in cases for turn in case["turns"]):
        for key in ("says", "not_says"):
            if names := turn.get("expect", {}).get(key):
                turn["expect"][key] = [
                    name.removeprefix("utter_")
                    if name not in known and name.removeprefix("utter_") in known
                    else name
                    for name in names
                ]
    return cases


def convert(file: YamlFile, report: Report) -> list[dict[str, Any]]:
    """Return the cases of one file as our files state them.

    Raises:
        FaultyFileError: the file has no tests of Rasa's.
    """
    data = file.data if isinstance(file.data, dict) else {}
    kind = next((key for key in _KINDS if isinstance(data.get(key), list)), None)
    if kind is None:
        message = "has neither `test_cases` nor `stories`; is it a test of Rasa's?"
        raise FaultyFileError([file.fault((), message)])
    known = _customers(file, data.get("fixtures"), report)
    if data.get("metadata"):
        report.leave("metadata", file.path, "a channel delivers it")
    stubs = _stubs(file, data.get("stub_custom_actions"), report)
    cases: list[dict[str, Any]] = []
    names: set[str] = set()
    for index, entry in enumerate(data[kind]):
        line = file.line((kind, index))
        if not isinstance(entry, Mapping):
            report.leave("tests", file.path, "no mapping", line=line)
            continue

        def leave(what: str, why: str, line: int = line) -> None:
            report.leave(what, file.path, why, line=line)

        try:
            turns = turns_of(entry.get("steps"), leave)
        except UnmappableError as error:
            leave("tests", str(error))
            continue
        title = str(entry.get(_KINDS[kind]) or f"{file.path.stem} {index + 1}")
        name = _once(title[:_NAME_MAX], names)
        report.bring("tests", file.path)
        case: dict[str, Any] = {"name": name}
        customer: dict[str, Any] = {}
        for fixture in entry.get("fixtures") or ():
            customer |= known.get(str(fixture), {})
        own = {**stubs.get("", {}), **stubs.get(title, {})}
        case |= {"customer": customer} if customer else {}
        case |= {"stubs": own} if own else {}
        cases.append({**case, "turns": turns})
    return cases


def _once(name: str, names: set[str]) -> str:
    """Return `name`, with a number behind it when it is taken."""
    found, number = name, 1
    while found in names:
        number += 1
        found = f"{name} ({number})"
    names.add(found)
    return found


def _customers(file: YamlFile, fixtures: object, report: Report) -> dict[str, dict[str, Any]]:
    """Return what each fixture says of the customer; other slots are not set from outside here."""
    found: dict[str, dict[str, Any]] = {}
    for index, fixture in enumerate(fixtures if isinstance(fixtures, list) else ()):
        for name, slots in fixture.items() if isinstance(fixture, Mapping) else ():
            pairs = [
                pair
                for each in (slots if isinstance(slots, list) else [slots])
                if isinstance(each, Mapping)
                for pair in each.items()
            ]
            for slot, value in pairs:
                if (fact := name_of(slot)) in _FACTS and value:
                    found.setdefault(str(name), {})[fact] = str(value)
                    report.bring("slots of fixtures", file.path)
                else:
                    why = "a slot that is set before the talk; say it in a turn"
                    line = file.line(("fixtures", index))
                    report.leave("slots of fixtures", file.path, why, line=line)
    return found


def _stubs(file: YamlFile, stubs: object, report: Report) -> dict[str, dict[str, Any]]:
    """Return the stubs by the test they are for, "" for all."""
    found: dict[str, dict[str, Any]] = {}
    for key, stub in stubs.items() if isinstance(stubs, Mapping) else ():
        test, _, action = str(key).rpartition("::")
        listed = stub.get("events") if isinstance(stub, Mapping) else None
        happened = [each for each in listed or () if isinstance(each, Mapping)]
        result = {
            name_of(each.get("name")): each.get("value")
            for each in happened
            if each.get("event") == "slot"
        }
        line = file.line(("stub_custom_actions", str(key)))
        others = sum(each.get("event") != "slot" for each in happened)
        others += len(stub.get("responses") or ()) if isinstance(stub, Mapping) else 1
        if others:
            why = "an action returns values here and says nothing itself"
            report.leave("parts of stubs", file.path, why, count=others, line=line)
        found.setdefault(test, {})[name_of(action)] = [{"result": result}]
        report.bring("stubs", file.path)
    return found
