# /// script
# requires-python = ">=3.11"
# dependencies = ["spylls==0.1.7", "pypinyin==0.55.0"]
# ///
"""Write `nlu/english_words.txt` and `nlu/homophones.txt`, which tell typing errors from words.

The English words are those of the Hunspell dictionary en_US, made from SCOWL (copyright Kevin
Atkinson, free to use, copy and change), as spylls ships it. The Chinese characters that sound
alike are from Unihan's readings as pypinyin (MIT) ships them. Run it where the packages above are
installed: `python -m scripts.word_lists`.
"""

import re
from collections import defaultdict
from pathlib import Path

import spylls
from pypinyin import Style, pinyin

_NLU = Path(__file__).parent.parent / "nlu"
#: Shorter words are not forgiven any error.
_LETTERS_MIN = 4
_ENGLISH_HEAD = "# English words: SCOWL (wordlist.aspell.net), (c) Kevin Atkinson, free to use.\n"
_SOUND_HEAD = (
    "# Characters that sound alike, one sound a line: Unicode Unihan, by way of pypinyin.\n"
)
#: What speakers of many dialects, and so their typing, do not tell apart.
_MERGED = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"))


def main() -> None:
    """Write both files."""
    source = Path(spylls.__file__).parent / "hunspell/data/en/en_US.dic"
    entries = source.read_text(encoding="latin-1").splitlines()[1:]
    stems = {entry.split("/")[0].strip() for entry in entries}
    words = sorted(w for w in stems if re.fullmatch(f"[a-z]{{{_LETTERS_MIN},}}", w))
    (_NLU / "english_words.txt").write_text(_ENGLISH_HEAD + "\n".join(words) + "\n")
    sounds: dict[str, str] = defaultdict(str)
    for character in _common_characters():
        readings = pinyin(character, style=Style.NORMAL, heteronym=True)[0]
        for sound in dict.fromkeys(_merged(reading) for reading in readings):
            sounds[sound] += character
    lines = [sounds[sound] for sound in sorted(sounds) if len(sounds[sound]) > 1]
    text = _SOUND_HEAD + "\n".join(lines) + "\n"
    (_NLU / "homophones.txt").write_text(text, encoding="utf-8")


def _common_characters() -> list[str]:
    """Return the characters of GB 2312, which are those Chinese texts are written with."""
    found = []
    for high in range(0xB0, 0xF8):
        for low in range(0xA1, 0xFF):
            character = bytes((high, low)).decode("gb2312", errors="ignore")
            if character:
                found.append(character)
    return found


def _merged(sound: str) -> str:
    for wide, narrow in _MERGED:
        sound = sound.replace(wide, narrow)
    return sound


if __name__ == "__main__":
    main()
