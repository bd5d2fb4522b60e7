"""What bench visitors write: the example bot's own questions and test turns, each worded once."""

import random
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

#: Texts about people at work may call one, and then the bot is silent.
_PERSON = re.compile(
    r"人工|真人|客服|专人|同事|person|human|agent|someone|somebody|staff|service|call",
    re.IGNORECASE,
)
_BEFORE = {
    "en": ["", "Hi, ", "Hello! ", "Quick question: ", "Sorry to bother you, ", "Hey there, "],
    "zh": ["", "你好，", "您好！", "请问一下，", "打扰了，", "在吗？"],
}
_AFTER = {
    "en": ["", " please", " thanks", " (asking for my office)", " Thank you!", " today"],
    "zh": ["", "，谢谢", "，麻烦了", "？急", "，帮忙看下", "，多谢！"],
}


def corpus(folder: Path) -> list[tuple[str, str]]:
    """Return (language, text) of all article questions and first turns of talks of a bot."""
    found: set[tuple[str, str]] = set()
    for path in (folder / "knowledge").glob("*.md"):
        head = yaml.safe_load(path.read_text(encoding="utf-8").split("---")[1])
        language = path.name.split(".")[1]
        found |= {(language, str(text)) for text in [head["title"], *head["questions"]]}
    for path in (folder / "conversations").glob("*.yml"):
        for case in yaml.safe_load(path.read_text(encoding="utf-8")):
            # First turns only, and none of talks a person takes over: there the bot is silent.
            silent = any("hand_off" in turn.get("expect", {}) for turn in case["turns"])
            if not silent and "user" in case["turns"][0]:
                found.add((case.get("language", "en"), str(case["turns"][0]["user"])))
    return sorted((language, text) for language, text in found if not _PERSON.search(text))


def wordings(folder: Path, *, seed: int) -> Iterator[str]:
    """Yield texts no two of which are equal, so that no cache of whole texts helps."""
    shuffled = random.Random(seed)
    texts = corpus(folder)
    number = 0
    while True:
        shuffled.shuffle(texts)
        for language, text in texts:
            number += 1
            before = shuffled.choice(_BEFORE[language])
            after = shuffled.choice(_AFTER[language])
            yield f"{before}{text}{after} {number if number > len(texts) * 3 else ''}".strip()
