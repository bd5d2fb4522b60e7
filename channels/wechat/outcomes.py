"""What WeChat's answers mean: each `errcode` is one of the eight results of a send.

The text beside a code changes from call to call, so that only the code is looked at. HTTP says
200 to errors, too.
"""

from collections.abc import Mapping
from typing import Final

from channels.contract import (
    Accepted,
    Misconfigured,
    RateLimited,
    Rejected,
    Retryable,
    SendResult,
    Unreachable,
    WindowClosed,
)

#: The token is bad, expired or missing: another one is fetched, once.
TOKEN_CODES: Final = frozenset({40001, 40014, 41001, 42001})
#: The media id is wrong or has expired: it is uploaded anew, once.
MEDIA_CODES: Final = frozenset({40004, 40006, 40007, 45001})
#: The account may send messages, but not of this kind.
KIND_NOT_GRANTED: Final = 48008
#: About the sign that somebody is typing: nothing to act on.
TYPING_CODES: Final = frozenset({45072, 45080, 45081})

#: Until the minute's or the day's calls are counted anew, seconds; the day's end is not told.
_MINUTE: Final = 60.0
_DAILY_PAUSE: Final = 3600.0

#: What reopens a closed window, for staff.
REOPENED_BY: Final = (
    "a message from the customer; until then only a template or subscription message they asked "
    "for, a mass message, or another channel"
)

_RESULTS: Final[Mapping[int, SendResult]] = {
    -1: Retryable("WeChat is busy"),
    **dict.fromkeys(
        TOKEN_CODES, Misconfigured("WeChat refuses the access token: check app_id and app_secret")
    ),
    40013: Misconfigured("WeChat does not know this app_id"),
    40125: Misconfigured("WeChat refuses the app_secret"),
    40243: Misconfigured("the app_secret is frozen: unfreeze it on WeChat's site"),
    40164: Misconfigured("our IP address is not on WeChat's list: add it there"),
    61004: Misconfigured("our IP address is not on WeChat's list: add it there"),
    40003: Unreachable("never: WeChat does not know this OpenID here"),
    43004: Unreachable("the customer follows the account"),
    50005: Unreachable("the customer follows the account"),
    43019: Unreachable("staff take the customer off the account's blacklist"),
    48002: Unreachable("the customer takes messages of the account again"),
    43101: Unreachable("the customer allows this subscription message"),
    45015: WindowClosed(REOPENED_BY),
    45047: WindowClosed(REOPENED_BY),
    45002: Rejected("split", "45002: the text is too long"),
    44004: Rejected("none", "44004: the text is empty"),
    40033: Rejected("plain", "40033: WeChat refuses a character"),
    47001: Rejected("none", "47001: WeChat cannot read the request"),
    **{code: Rejected("reupload", f"{code}: WeChat refuses the media") for code in MEDIA_CODES},
    45009: RateLimited(_DAILY_PAUSE, scope="account"),
    45011: RateLimited(_MINUTE, scope="account"),
    45065: Accepted(("duplicate",)),
    45066: RateLimited(_MINUTE, scope="account"),
    **{code: Accepted() for code in TYPING_CODES},
    48001: Misconfigured("48001: the account lacks the right to this interface"),
    48008: Misconfigured("48008: the account lacks the right to this kind of message"),
    48004: Misconfigured("48004: WeChat has closed this interface to the account"),
    50002: Misconfigured("50002: WeChat has limited the account"),
}


def result_of(code: int) -> SendResult:
    """Return what an `errcode` means; an unknown one refuses the message for ever."""
    return _RESULTS.get(code) or Rejected("none", f"WeChat answers errcode {code}")
