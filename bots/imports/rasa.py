"""A Rasa project as a bot folder of ours: what has a form here is brought, the rest is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bots.imports.rasa_files import RasaFiles, read_project
from bots.imports.rasa_intents import Said, Taught, convert_training_data
from bots.imports.rasa_responses import Spoken, convert_responses
from bots.imports.report import Report
from dialogues.check import check_folder
from nlu.rasa_project import annotated, block_yaml
from nlu.yaml_file import Fault

_SPARE: Final = (
    "# Responses of the Rasa project that no rule says by itself. The bot does not read this\n"
    "# file: move one to responses.yml and say it in a flow (`- say: utter_…`).\n"
)


@dataclass(frozen=True, slots=True)
class Imported:
    """A folder that was made, and how well it came."""

    folder: Path
    languages: tuple[str, ...]
    report: Report
    faults: list[Fault]  #: what `tributary check` says of it


def import_rasa(project: Path, folder: Path) -> Imported:
    """Make the bot folder `folder` from a Rasa project.

    Args:
        project: its folder, or one file of training data.
        folder: must not exist yet; its name becomes the bot's.

    Raises:
        FaultyFileError: a file is no YAML, or there is nothing of Rasa's.
        OSError: the folder cannot be written.
    """
    report = Report(project if project.is_dir() else project.parent)
    files = read_project(project, report)
    taught = convert_training_data(files, report)
    spoken = convert_responses(files, taught, report)
    _count_the_rest(files, report)
    _write(folder, taught, spoken)
    return Imported(folder, taught.languages, report, check_folder(folder))


def _count_the_rest(files: RasaFiles, report: Report) -> None:
    """Count what a domain declares and no bot folder has."""
    whys = {
        "forms": "write flows that collect slots",
        "slots": "a flow has its own slots",
        "session_config": "a conversation here does not expire by time",
        "e2e_actions": "dialogues; write flows",
    }
    for key, why in whys.items():
        for file in files.domain.get(key, []):
            data = file.data[key]
            count = len(data) if isinstance(data, list | dict) and key != "session_config" else 1
            report.leave(key.replace("_", " "), file.path, why, count=count)
    for file in files.domain.get("actions", []):
        data = file.data["actions"]
        listed = [str(each) for each in data if not str(each).startswith("utter_")]
        why = "Python of your own; `act:` steps have what is here"
        report.leave("custom actions", file.path, why, count=len(listed))


def _write(folder: Path, taught: Taught, spoken: Spoken) -> None:
    folder.mkdir(parents=True)
    (folder / "intents").mkdir()
    _dump(folder / "bot.yml", _bot_file(folder.name, taught.languages))
    for intent, examples in taught.intents.items():
        lines = "".join(f"- {annotated(said.text, said.annotations)}\n" for said in examples)
        # Two strokes: no intent is called so.
        name = f"{intent.replace('/', '__')}.yml"
        items = [{"intent": intent, "examples": lines}]
        _dump(folder / "intents" / name, {"version": "3.1", "nlu": items})
    words = [
        {kind: name, "examples": "".join(f"- {value}\n" for value in dict.fromkeys(values))}
        for kind, lists in taught.words.items()
        for name, values in lists.items()
    ]
    if words:
        _dump(folder / "intents" / "words__.yml", {"version": "3.1", "nlu": words})
    if spoken.responses:
        _dump(folder / "responses.yml", spoken.responses)
    if spoken.spare:
        _dump(folder / "responses_not_used.yml", spoken.spare, head=_SPARE)
    for flow, data in spoken.flows.items():
        (folder / "flows").mkdir(exist_ok=True)
        (folder / "conversations").mkdir(exist_ok=True)
        _dump(folder / "flows" / f"{flow}.yml", data)
        case = _conversation(data, taught)
        _dump(folder / "conversations" / f"{flow}.yml", [case])


def _bot_file(name: str, languages: tuple[str, ...]) -> dict[str, Any]:
    title = name.replace("_", " ").capitalize()
    return {
        "name": name,
        "title": dict.fromkeys(languages, title),
        "description": dict.fromkeys(languages, f"{title}, brought from Rasa."),
        "languages": list(languages),
        "time_zone": "UTC",
        "phone_region": "US",
        "desks": {"service": {"hours": {"mon-fri": "09:00-18:00"}}},
        "channels": [
            {
                "channel": "webchat",
                "account": "demo",
                "options": {"origins": "${TRIBUTARY_WEBCHAT_ORIGINS}"},
            }
        ],
    }


def _conversation(flow: Mapping[str, Any], taught: Taught) -> dict[str, Any]:
    examples: list[Said] = taught.intents.get(flow["triggers"][0], [])
    said = examples[0].text if examples else "I want to talk to a person"
    says = [step["say"] for step in flow["steps"]]
    return {
        "name": f"{flow['id']} is answered",
        "language": taught.languages[0],
        "turns": [{"user": said, "expect": {"says": says}}],
    }


def _dump(path: Path, data: object, *, head: str = "") -> None:
    path.write_text(head + block_yaml(data), encoding="utf-8")
