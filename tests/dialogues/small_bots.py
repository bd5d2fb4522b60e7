"""Bots of a few lines, written into a folder for one test."""

from collections.abc import Mapping
from pathlib import Path

from dialogues.bot import Bot, load_bot

BOT = """\
name: tiny
title: {en: Tiny, zh: 小店}
description: {en: A tiny bot., zh: 小机器人。}
languages: [en, zh]
time_zone: Europe/London
phone_region: GB
lookups:
  product:
    kettle: [kettle, 水壶]
    cup: [cup, 杯子]
desks:
  service: {hours: {mon-fri: "09:00-18:00"}, languages: [en]}
  sales: {hours: {mon-sun: "00:00-24:00"}}
"""


def folder_of(
    path: Path, flows: Mapping[str, str], *, bot: str = BOT, responses: str | None = None
) -> Path:
    """Write a bot with these flows; each is the YAML below `id` and `description`."""
    (path / "flows").mkdir(parents=True, exist_ok=True)
    (path / "bot.yml").write_text(bot, encoding="utf-8")
    if responses is not None:
        (path / "responses.yml").write_text(responses, encoding="utf-8")
    for name, body in flows.items():
        text = f"id: {name}\ndescription: {{en: The {name}, zh: 流程{name}}}\n{body}"
        (path / "flows" / f"{name}.yml").write_text(text, encoding="utf-8")
    return path


def bot_of(
    path: Path, flows: Mapping[str, str], *, bot: str = BOT, responses: str | None = None
) -> Bot:
    """Return a bot with these flows, read and checked."""
    return load_bot(folder_of(path, flows, bot=bot, responses=responses))
