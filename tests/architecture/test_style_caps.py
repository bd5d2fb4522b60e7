"""What the linter cannot see: the size of files and functions, and one word for one thing.

That every public name is documented is ruff's to check (rules D and ANN in pyproject.toml).
"""

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from tests.architecture.sources import PACKAGES, ROOT, functions, parsed, place, python_files

FILE_LINES = 400
FUNCTION_LINES = 60

#: Words that have a better one in the glossary, and that one.
BANNED = {
    "user": "customer, staff or account",
    "contact": "customer, or channel identity",
    "session": "conversation; a session is SQLAlchemy's",
    "chat": "conversation or peer",
    "platform": "channel",
    "event": "payload, notice or timeline event",
    "service": "name what it does",
    "manager": "name what it does",
    "helper": "name what it does",
    "helpers": "name what it does",
    "util": "name what it does",
    "utils": "name what it does",
    "handler": "name what it does",
    "context": "name what it holds",
}

#: Names that may hold a banned word: (files, name as a pattern, why).
ALLOWED = (
    ("*", "session", "SQLAlchemy's, passed along"),
    ("*", "*timeline_event*", "the glossary's own term"),
    ("*", "*TimelineEvent*", "the glossary's own term"),
    ("*", "*turn_context*", "the glossary's own term"),
    ("*", "*TurnContext*", "the glossary's own term"),
    ("*", "user_agent", "the name of an HTTP header"),
    ("channels/messages.py", "*[Cc]ontact*", "the content kind: a shared address card"),
    ("dialogues/cases.py", "user", "a key of the YAML companies write tests in"),
    ("dialogues/cases.py", "contact", "the content kind: a shared address card"),
    ("dialogues/policy.py", "contact", "the content kind: a shared address card"),
    ("bots/settings.py", "webchat_sessions_per_hour", "as in bots/rates.py"),
    ("bots/rates.py", "*sessions*", "a word of the web chat's public protocol"),
    ("*/webchat/*", "*[Ss]ession*", "a word of the web chat's public protocol"),
    ("*/webchat/*", "*[Ee]vent*", "a word of the web chat's public protocol"),
    ("dialogues/*", "[Cc]hit*[Cc]hat*", "small talk, a command of the policy"),
    ("bots/*", "*_handler", "FastAPI's exception handlers"),
    ("channels/simulators/*", "*", "stand-ins speak the provider's own words"),
    ("channels/telegram/*", "*[Cc]hat*", "Telegram's word for where a message goes"),
    ("channels/telegram/*", "user", "Telegram's word for whoever writes"),
    ("channels/telegram/api.py", "GuardedSession", "aiogram's word for the way out"),
    ("channels/slack/payloads.py", "event", "Slack's word for what it notifies of"),
    ("channels/slack/adapter.py", "event", "as in channels/slack/payloads.py"),
    ("channels/slack/adapter.py", "context", "Bolt hands it to listeners by this name"),
    ("bots/__main__.py", "chat", "the command `tributary chat`"),
)


def test_files_and_functions_stay_short() -> None:
    """No file is longer than 400 lines and no function of the packages longer than 60."""
    long_files = {
        str(path.relative_to(ROOT)): lines
        for path in python_files(*PACKAGES, "tests", "scripts")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > FILE_LINES
    }
    long_functions = {
        f"{place(path, node)} {node.name}": lines
        for path in python_files(*PACKAGES)
        for node in functions(path)
        if (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES
    }

    assert long_files == {}
    assert long_functions == {}


def test_names_use_the_glossary() -> None:
    """No module, class, function, argument or variable is named by a banned synonym."""
    wrong = [
        f"{where}: {name} (say {BANNED[word]})"
        for path in python_files(*PACKAGES)
        for where, name in _names(path)
        for word in _words(name)
        if word in BANNED and not _is_allowed(path, name)
    ]

    assert wrong == [], "\n".join(wrong)


def test_words_are_found_in_names_of_every_style() -> None:
    """The check above splits names as people read them."""
    assert _words("user_id") == ["user", "id"]
    assert _words("UserSession") == ["user", "session"]
    assert _words("HTTPHandler") == ["http", "handler"]
    assert _words("webchat_events") == ["webchat", "event"]


def _is_allowed(path: Path, name: str) -> bool:
    relative = path.relative_to(ROOT).as_posix()
    return any(
        fnmatch(relative, files) and fnmatch(name.strip("_"), names) for files, names, _ in ALLOWED
    )


def _words(name: str) -> list[str]:
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)
    words = [part.lower() for part in parts]
    return [word[:-1] if word[:-1] in BANNED and word.endswith("s") else word for word in words]


def _names(path: Path) -> Iterator[tuple[str, str]]:
    """Yield each name the file gives to something, with where."""
    yield path.relative_to(ROOT).as_posix(), path.stem
    for node in ast.walk(parsed(path)):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield place(path, node), name
            case ast.ClassDef(name=name) | ast.arg(arg=name):
                yield place(path, node), name
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield place(path, node), name
