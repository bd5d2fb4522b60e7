"""Web addresses; the value has a scheme and a lower-case host."""

import re
from collections.abc import Iterator

from nlu.circumstances import Circumstances
from nlu.understanding import Entity

SPECIFICITY = 70
#: Endings that make a bare "acme.com" an address; others need http:// or www.
_ENDINGS = (
    "com|org|net|info|biz|io|ai|app|dev|shop|store|cn|hk|tw|sg|uk|de|fr|eu|us|jp|co|me|edu|gov"
)
_HOST = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,8}"
_PATH = r"(?::\d{1,5})?(?:[/?#][\w\-./?%&=+#~:@!$*,;()]*)?"
_ADDRESS = re.compile(
    rf"https?://[a-z0-9][a-z0-9.-]{{0,253}}{_PATH}"
    rf"|(?<![\w@.-])www\.{_HOST}[a-z]{{2,24}}{_PATH}"
    rf"|(?<![a-z0-9_@.-]){_HOST}(?:{_ENDINGS})(?![\w.-]*@)(?![a-z0-9-]){_PATH}",
    re.IGNORECASE | re.ASCII,
)


def find(text: str, language: str, circumstances: Circumstances) -> Iterator[Entity]:
    """Yield the web addresses in `text`."""
    del language, circumstances
    if "." not in text:
        return
    for match in _ADDRESS.finditer(text):
        address = match[0].rstrip(".,;:!?)")
        if "." not in address:
            continue
        scheme, _, rest = address.rpartition("://")
        host = re.match(r"[^/?#]*", rest)
        length = host.end() if host else 0
        value = f"{scheme.lower() or 'https'}://{rest[:length].lower()}{rest[length:]}"
        yield Entity("url", match.start(), match.start() + len(address), value)
