"""robots.txt (RFC 9309): which pages of a site may be read, how fast, and where its map is."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

#: Most bytes of the file that are read; the standard asks for no more.
ROBOTS_BYTES_MAX: Final = 512_000
#: Most rules and maps that are kept.
_RULES_MAX: Final = 5000
#: Longest pause between two requests that is kept to, in seconds.
_DELAY_MAX: Final = 10.0


@dataclass(frozen=True, slots=True)
class Robots:
    """What a site's robots.txt says to one crawler."""

    rules: tuple[tuple[bool, str], ...] = ()  #: (allowed, pattern of paths)
    delay: float = 0.0  #: seconds between two requests
    sitemaps: tuple[str, ...] = ()

    def allows(self, url: str) -> bool:
        """Tell whether a page may be read: the longest matching rule decides."""
        parts = urlsplit(url)
        path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        matching = [
            (len(pattern), allowed) for allowed, pattern in self.rules if _matches(pattern, path)
        ]
        return max(matching)[1] if matching else True


def parse_robots(text: str, agent: str) -> Robots:
    """Return what robots.txt says to the crawler `agent`, else to all crawlers."""
    groups: dict[str, list[tuple[str, str]]] = {}
    sitemaps: list[str] = []
    named: list[str] = []
    are_rules = False
    for line in text.splitlines():
        key, _, value = line.partition("#")[0].partition(":")
        key, value = key.strip().lower(), value.strip()
        if key == "user-agent":
            named = [*([] if are_rules else named), value.lower()]
            are_rules = False
            groups.setdefault(value.lower(), [])
        elif key == "sitemap":
            sitemaps.append(value)
        elif key in {"allow", "disallow", "crawl-delay"}:
            are_rules = True
            for name in named:
                groups[name].append((key, value))
    own = next((name for name in groups if name and name != "*" and name in agent.lower()), "*")
    lines = groups.get(own, [])[:_RULES_MAX]
    rules = tuple(
        (key == "allow", value) for key, value in lines if key != "crawl-delay" and value
    )
    delays = [_seconds(value) for key, value in lines if key == "crawl-delay"]
    return Robots(rules, max(delays, default=0.0), tuple(sitemaps[:_RULES_MAX]))


def _seconds(value: str) -> float:
    found = re.fullmatch(r"\d{1,6}(?:\.\d{1,6})?", value)
    return min(float(value), _DELAY_MAX) if found else 0.0


def _matches(pattern: str, path: str) -> bool:
    """Tell whether a path begins with a pattern; `*` is anything and `$` the end.

    Without regular expressions: a site may write a hundred asterisks.
    """
    ends = pattern.endswith("$")
    first, *rest = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    for number, part in enumerate(rest, start=1):
        if ends and number == len(rest):
            return len(path) - len(part) >= at and path.endswith(part)
        found = path.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return not ends or at == len(path)
