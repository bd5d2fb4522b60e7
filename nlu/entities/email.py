"""E-mail addresses, also inside Chinese text without blanks; the value is in lower case.

Also read: "anna (at) example.com" and "anna at example dot com", as people write to hide them.
"""

import re
from collections.abc import Iterator

from email_validator import EmailNotValidError, validate_email

from nlu.circumstances import Circumstances
from nlu.understanding import Entity

SPECIFICITY = 80
#: Addresses one message may carry; each costs a validation.
_FOUND_MAX = 10
#: Longest parts of an address (RFC 5321), and with them how much of a text belongs to one "@".
_LOCAL_MAX, _DOMAIN_MAX = 64, 254

_LOCAL = re.compile(
    r"(?:\"[^\"\s\\]{1,62}\"|(?<![A-Za-z0-9_])[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64})\Z",
    re.IGNORECASE | re.ASCII,
)
_LABELS = r"(?:[a-z0-9\u00c0-\u024f-]{1,63}\.){1,8}"
_DOMAIN = re.compile(
    rf"{_LABELS}(?:xn--[a-z0-9-]{{1,59}}|[a-z]{{2,24}})(?![a-z0-9_-])(?!\.[a-z0-9-]{{1,63}}_)"
    r"|(?:[a-z0-9\u4e00-\u9fff-]{1,63}\.){1,4}(?:中国|中國|公司|网络|網絡|香港|台湾|台灣|在线|集团)"
    r"|\[\d{1,3}(?:\.\d{1,3}){3}\]",
    re.IGNORECASE,
)
#: Legal in an address, but before one they mostly belong to the text around it.
_DECORATION = "'`*|{=/!#$%&^~?-+"
_ELLIPSIS = re.compile(r"\.{2,}")
#: "anna@example.com.Thanks": a sentence began without a blank.
_NEXT_SENTENCE = re.compile(
    r"(?<=\.(?:com|net|org|edu|gov))\.[A-Z][a-z]+\Z|(?<=\.cn)\.[A-Z][a-z]+\Z"
)
_HIDDEN = re.compile(
    r"(?<![\w.+-])(?P<local>[a-z0-9_.+-]{1,64})"
    r"(?:\s?[\[(]\s?at\s?[\])]\s?|(?P<word>\sat\s))"
    r"(?P<domain>[a-z0-9-]{1,63}(?:\s?[\[(]\s?dot\s?[\])]\s?|\sdot\s|\.)"
    r"(?:[a-z]{2,3}(?:\sdot\s|\.))?[a-z]{2,6})(?![\w-])",
    re.IGNORECASE | re.ASCII,
)
_HIDDEN_DOT = re.compile(r"\s?[\[(]\s?dot\s?[\])]\s?|\sdot\s", re.IGNORECASE)
_HIDDEN_TEXT_MAX = 1000


def find(text: str, language: str, circumstances: Circumstances) -> Iterator[Entity]:
    """Yield the e-mail addresses in `text`."""
    del language, circumstances
    yield from _written(text)
    head = text[:_HIDDEN_TEXT_MAX]
    lower = head.lower()
    if "(at)" in lower or "[at]" in lower or " dot " in lower or "( at" in lower:
        yield from _hidden(head)


def _written(text: str) -> Iterator[Entity]:
    at = -1
    for _ in range(_FOUND_MAX):
        at = text.find("@", at + 1)
        if at < 0:
            return
        local = _LOCAL.search(text[max(0, at - _LOCAL_MAX) : at])
        domain = _DOMAIN.match(text, at + 1, at + 1 + _DOMAIN_MAX)
        if local is None or domain is None:
            continue
        name = local[0].lstrip(_DECORATION)
        if ellipsis := _ELLIPSIS.match(name):
            name = name[ellipsis.end() :]
        host = _NEXT_SENTENCE.sub("", domain[0])
        # "a@b.co@c.co" is no address, nor a piece of it.
        if "@" in (
            text[at - len(name) - 1 : at - len(name)],
            text[domain.end() : domain.end() + 1],
        ):
            continue
        if value := _valid(f"{name}@{host}"):
            yield Entity("email", at - len(name), at + 1 + len(host), value)


def _hidden(text: str) -> Iterator[Entity]:
    for _, match in zip(range(_FOUND_MAX), _HIDDEN.finditer(text), strict=False):
        if match["word"] and not _HIDDEN_DOT.search(match["domain"]):
            continue  # "look at acme.com"
        address = f"{match['local']}@{_HIDDEN_DOT.sub('.', match['domain'])}"
        if value := _valid(address):
            yield Entity("email", match.start(), match.end(), value)


def _valid(address: str) -> str | None:
    try:
        valid = validate_email(
            address,
            check_deliverability=False,
            test_environment=True,
            allow_quoted_local=True,
            allow_domain_literal=True,
        )
    except EmailNotValidError:
        return None
    return valid.normalized.lower()
