"""Web addresses; the value has a scheme and a lower-case host.

Without http:// or www. an address is one by its ending: "acme.com". Endings that are English words
("arrived.it was broken") need more: a path, or that nothing but punctuation follows.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

import phonenumbers

from nlu.circumstances import Circumstances
from nlu.understanding import Entity

SPECIFICITY = 70
#: Addresses stand in the first so many characters.
_TEXT_MAX = 5000
_FOUND_MAX = 20
#: Endings that are no words; countries' endings come on top.
_GENERIC = (
    "com net org edu gov mil int info biz io ai app dev xyz eu asia mobi tv cc arpa aero coop aws"
)
_WORDS = (
    "shop store online site website cloud top club vip tech live life pro blog email group ltd "
    "company world agency design studio travel name jobs tel link page wiki news space fun press "
    "host museum academy today team work market media digital solutions services global center "
    # Countries' endings that people write after a full stop and no blank.
    "is it in me at so no my do as us by be to am pm an im re hm ps id la ma pa ad"
)
_FILES = frozenset(("py", "md", "sh", "rs", "zip", "mov", "ps"))
_TITLES = frozenset(("mr", "ms", "mrs", "dr", "st", "no", "nr", "vs", "prof", "inc", "tel", "fig"))

_PATH = r"(?::\d{1,5})?(?:[/?#][\w\-./?%&=+#~:@!$*,;()]{0,1000})?"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HAN_LABEL = r"[a-z0-9\u4e00-\u9fff-]{1,30}"
_HAN_ENDING = "中国|中國|公司|网络|網絡|网址|香港|台湾|台灣|在线|集团|商城|中文网"
_ADDRESS = re.compile(
    rf"(?P<scheme>https?|ftp)://(?P<host>(?:[a-z0-9\u4e00-\u9fff\u00c0-\u024f_-]{{1,63}}\.){{0,8}}"
    rf"(?:[a-z0-9-]{{1,63}}|{_HAN_ENDING}))(?P<path>{_PATH})"
    rf"|(?<![\w@.\-])(?P<www>www\.(?:{_LABEL}\.){{1,8}}[a-z]{{2,24}})(?P<wwwpath>{_PATH})"
    rf"|(?<![a-z0-9_@.\-/])(?P<ip>\d{{1,3}}(?:\.\d{{1,3}}){{3}}:\d{{2,5}})(?!\d)(?P<ippath>{_PATH})"
    rf"|(?<![a-z0-9_@.\-/])(?P<bare>(?:{_LABEL}\.){{1,8}}[a-z]{{2,24}})(?![\w.-]{{0,64}}@)"
    rf"(?![a-z0-9_-])(?!://)(?P<barepath>{_PATH})"
    rf"|(?P<han>(?:{_HAN_LABEL}\.){{1,3}}(?:{_HAN_ENDING}))(?P<hanpath>{_PATH})",
    re.IGNORECASE | re.ASCII,
)
_KINDS = ("host", "www", "ip", "bare", "han")
_SIGN = re.compile(r"\w\.\w|://\w")
#: What comes before an address in Chinese, without a blank.
_HAN_LEAD = re.compile(
    "^.{0,12}?(?:请?访问|網址是?|网址是?|官网是?|官網是?|网站是?|網站是?|打开|打開|登录|登錄|上|看|是|：)"
)
_CUE = re.compile(
    r"(?:\b(?:visit|see|website|site|url|link|page|go to|open)\b(?: is| at)?"
    r"|网址|官网|访问|网站)\W{0,3}\Z",
    re.IGNORECASE,
)
_ENDS = re.compile(r"\s*(?:\Z|[,!?;，。！？；、)]|\.+(?:\s|\Z))")


def find(text: str, language: str, circumstances: Circumstances) -> Iterator[Entity]:
    """Yield the web addresses in `text`."""
    del language, circumstances
    head = text[:_TEXT_MAX]
    if not _SIGN.search(head):
        return
    for _, match in zip(range(_FOUND_MAX), _ADDRESS.finditer(head), strict=False):
        kind = next(k for k in _KINDS if match[k] is not None)
        host, path = match[kind], match["path" if kind == "host" else f"{kind}path"] or ""
        start = match.start()
        if kind == "host" and not _is_host(host):
            continue
        if kind == "bare":
            whole = host
            host = _bare_host(head, match, host, path)
            path = path if host == whole else ""
        if kind == "han" and (lead := _HAN_LEAD.match(host)):
            start += lead.end()
            host = host[lead.end() :]
        if not host or host.startswith(".") or (kind == "han" and host.split(".")[-2].isdigit()):
            continue
        scheme = (match["scheme"] or "https").lower()
        written = len(f"{match['scheme']}://") if match["scheme"] else 0
        path = _without_punctuation(path)
        yield Entity(
            "url",
            start,
            start + written + len(host) + len(path),
            f"{scheme}://{host.lower()}{path}",
        )


def _is_host(host: str) -> bool:
    """Tell whether a name behind a scheme is one: with a dot, and an ending that is no number."""
    name, _, ending = host.rpartition(".")
    if not name:
        return host.lower() == "localhost"
    return not ending.isdigit() or re.fullmatch(r"\d{1,3}(?:\.\d{1,3}){3}", host) is not None


def _bare_host(text: str, match: re.Match[str], host: str, path: str) -> str:
    """Return how much of what looks like a host is one, empty when nothing is."""
    labels = host.split(".")
    endings, words = _endings()
    while len(labels) > 1:
        ending = labels[-1]
        lower = ending.lower()
        titled = ending != lower and ending[1:] == ending[1:].lower()
        whole = len(labels) == host.count(".") + 1
        if lower in endings and not (titled and len(lower) == 2):
            break
        if lower in words and not titled:
            end = match.start() + len(".".join(labels))
            named = any(c.isalpha() for c in labels[0])
            closed = _ENDS.match(text, end) is not None or (lower == "am" and len(labels[0]) > 1)
            cued = _CUE.search(text[max(0, match.start() - 20) : match.start()]) is not None
            if named and (len(labels) > 2 or (whole and path) or closed or cued):
                break
        labels.pop()
    else:
        return ""
    if labels[0].lower() in _TITLES or (labels[-1].lower() in _FILES and not path):
        return ""
    return ".".join(labels)


def _without_punctuation(path: str) -> str:
    """Return a path without the punctuation of the sentence it stands in."""
    while path and (
        path[-1] in ".,;:!?*" or (path[-1] == ")" and path.count("(") < path.count(")"))
    ):
        path = path[:-1]
    return path


@lru_cache(maxsize=1)
def _endings() -> tuple[frozenset[str], frozenset[str]]:
    words = frozenset(_WORDS.split())
    countries = {each.lower() for each in phonenumbers.SUPPORTED_REGIONS} | {"uk"}
    return frozenset(_GENERIC.split()) | frozenset(countries) - words, words
