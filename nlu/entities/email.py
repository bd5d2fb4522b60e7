"""E-mail addresses, also inside Chinese text without blanks; the value is in lower case."""

import re
from collections.abc import Iterator

from email_validator import EmailNotValidError, validate_email

from nlu.circumstances import Circumstances
from nlu.understanding import Entity

SPECIFICITY = 80
#: Addresses one message may carry; each costs a validation.
_FOUND_MAX = 10
_CANDIDATE = re.compile(
    r"(?<![\w.+-])[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[a-z0-9-]{1,63}\.)+[a-z]{2,24}(?![\w-])"
    # Chinese letters count as \w, but an address may stand right between them.
    r"|[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[a-z0-9-]{1,63}\.)+[a-z]{2,24}(?=[^\x00-\x7f])"
    r"|(?<=[^\x00-\x7f])[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[a-z0-9-]{1,63}\.)+[a-z]{2,24}",
    re.IGNORECASE | re.ASCII,
)


def find(text: str, language: str, circumstances: Circumstances) -> Iterator[Entity]:
    """Yield the e-mail addresses in `text`."""
    del language, circumstances
    if "@" not in text:
        return
    for count, match in enumerate(_CANDIDATE.finditer(text)):
        if count >= _FOUND_MAX:
            return
        start = match.start() + len(match[0]) - len(match[0].lstrip(".'"))
        candidate = text[start : match.end()]
        try:
            valid = validate_email(candidate, check_deliverability=False, test_environment=True)
        except EmailNotValidError:
            continue
        yield Entity("email", start, match.end(), valid.normalized.lower())
