"""`tributary doctor`, as whoever connects a bot runs it."""

import asyncio
import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bots.__main__ import build
from channels.simulators.telegram.server import TelegramSimulator
from tests.channels.telegram.conftest import SECRET, TOKEN

CHANNELS = """
channels:
  - {channel: webchat, account: demo}
  - channel: telegram
    account: kettle
    options:
      token: ${TEA_TOKEN}
      secret: ${TEA_SECRET}
      api_url: ${TEA_API}
      allow_networks: 127.0.0.0/8
      username: kettle_bot
"""


@pytest.fixture
def telegram_url() -> Iterator[str]:
    """A simulated Telegram in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    simulator = TelegramSimulator()
    asyncio.run_coroutine_threadsafe(simulator.start(), loop).result(10)
    simulator.add_bot(TOKEN, "kettle_bot")
    yield simulator.url
    asyncio.run_coroutine_threadsafe(simulator.close(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A bot with two accounts."""
    made = tmp_path / "tea_house"
    shutil.copytree(Path(__file__).parent / "tea_house", made)
    settings = made / "bot.yml"
    text = settings.read_text(encoding="utf-8").replace("channels: []\n", CHANNELS.lstrip())
    settings.write_text(text, encoding="utf-8")
    return made


def test_the_doctor_finds_mends_and_is_content(
    telegram_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Variables that are missing, then an address that is not known, then all is well."""
    doctor = CliRunner()
    command = build(["doctor"])
    missing = doctor.invoke(command, ["doctor", str(folder)])
    for name, value in (("TOKEN", TOKEN), ("SECRET", SECRET), ("API", telegram_url)):
        monkeypatch.setenv(f"TEA_{name}", value)
    alone = doctor.invoke(command, ["doctor", str(folder)])
    monkeypatch.setenv("TRIBUTARY_PUBLIC_URL", "https://bot.example")
    connected = doctor.invoke(command, ["doctor", str(folder), "--connect", "--json"])

    assert missing.exit_code == 1
    assert "TEA_API, TEA_SECRET, TEA_TOKEN" in " ".join(missing.output.split())
    assert alone.exit_code == 1
    assert "delivers nowhere" in " ".join(alone.output.split())
    assert connected.exit_code == 0, connected.output
    found = json.loads(connected.output)
    assert {each["state"] for each in found} == {"fine"}
    assert TOKEN not in missing.output + alone.output + connected.output
