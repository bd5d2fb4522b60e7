"""The compose file and the image, checked without a container engine: they start what exists."""

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml
from typer.core import TyperGroup
from typer.main import get_command

from bots.__main__ import build
from bots.settings import Settings
from tests.architecture.sources import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
#: Compose's way to demand a variable: it stops with the message when there is none.
DEMANDED = re.compile(r"\$\{\w+:\?[^}]+\}")


def test_the_shape_is_two_web_and_two_worker_processes_with_their_servers() -> None:
    """PostgreSQL, Redis, one migration, two web and two worker processes stand in the file."""
    processes = {name: s.get("deploy", {}).get("replicas", 1) for name, s in _services()}

    assert processes == {
        "postgres": 1,
        "redis": 1,
        "migrate": 1,
        "web": 2,
        "worker": 2,
        "rasa": 1,
        "proxy": 1,
    }


def test_every_command_is_one_of_the_command_line() -> None:
    """What the containers run, and what the image runs, parses as a `tributary` command."""
    commands = get_command(build(["serve", "migrate", "prepare"]))
    assert isinstance(commands, TyperGroup)
    default = re.search(r"^CMD (\[.*\])$", DOCKERFILE.rpartition("\nFROM ")[2], re.MULTILINE)
    assert default is not None
    lines = [service["command"] for _, service in _services() if service["image"] == "tributary"]

    for name, *arguments in [*lines, json.loads(default[1]), ["prepare"]]:
        commands.commands[name].make_context(name, list(arguments))


def test_rasa_runs_only_when_asked_for_and_where_it_is_looked_for() -> None:
    """Its profile, its stage of the image, its port and what the stage copies fit together."""
    rasa = COMPOSE["services"]["rasa"]
    stage = DOCKERFILE.partition(f"AS {rasa['build']['target']}\n")[2].partition("\nFROM ")[0]
    command = json.loads(re.findall(r"^CMD (\[.*\])$", stage, re.MULTILINE)[0])
    kept = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copied = re.findall(r"^COPY (scripts/\S+) /$", stage, re.MULTILINE)

    assert rasa["profiles"] == ["rasa"]
    assert "rasa" not in str([s.get("depends_on") for _, s in _services()])
    for name in ("web", "worker"):
        url = COMPOSE["services"][name]["environment"]["TRIBUTARY_RASA_URL"]
        assert url.endswith(f":-http://rasa:{command[3]}}}")
    assert command[0] == "/serve_rasa.sh"
    assert copied == ["scripts/rasa-requirements.txt", "scripts/serve_rasa.sh"]
    assert all((ROOT / path).is_file() and f"!{path}" in kept for path in copied)
    assert re.search(r"^USER rasa$", stage, re.MULTILINE)


def test_every_variable_is_a_setting() -> None:
    """Compose and the image set no variable that Tributary does not read."""
    known = {f"TRIBUTARY_{name.upper()}" for name in Settings.model_fields}
    named = {
        variable
        for _, service in _services()
        if service["image"] == "tributary"
        for variable in service["environment"]
    }
    named |= set(re.findall(r"TRIBUTARY_[A-Z_]*[A-Z]", DOCKERFILE))

    assert named - {"FORWARDED_ALLOW_IPS"} <= known  # uvicorn's own


def test_no_password_has_a_default() -> None:
    """A password or signing key must be given; the file holds none and invents none."""
    values = [
        (variable, value)
        for _, service in _services()
        for variable, value in service.get("environment", {}).items()
    ]

    demanded = {variable for variable, value in values if DEMANDED.search(value or "")}

    assert demanded == {"TRIBUTARY_DATABASE_URL", "TRIBUTARY_SECRET_KEY", "POSTGRES_PASSWORD"}


def test_everything_restarts_and_is_watched() -> None:
    """Each lasting service restarts by itself, has a health check and time to stop in order."""
    for name, service in _services():
        if name == "migrate":
            continue
        assert service["restart"] == "always", name
        assert service["stop_grace_period"] in ("10s", "30s"), name
        assert "healthcheck" in service or service["image"] == "tributary", name
    assert "/readyz" in DOCKERFILE


def test_the_image_runs_without_privileges() -> None:
    """The last stage changes to an account that is not root before anything runs."""
    last = DOCKERFILE.rpartition("\nFROM ")[2]

    assert re.search(r"^USER tributary$", last, re.MULTILINE)


def test_the_image_holds_every_package() -> None:
    """Each of the six packages gets through `.dockerignore`."""
    kept = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()

    for package in ("bots", "nlu", "dialogues", "channels", "knowledge_base", "crm_store"):
        assert f"!{package}" in kept


def _services() -> Iterator[tuple[str, dict[str, Any]]]:
    yield from COMPOSE["services"].items()
