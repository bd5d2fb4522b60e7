"""Tokens: ours, which names a visitor, and the host site's, which vouches who they are.

Both are HS256 JWTs with the algorithm pinned. Base64 that decodes alike but is written otherwise
is refused, so that a token has one form only.
"""

import binascii
import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from secrets import token_urlsafe
from typing import Any, Final

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

#: How long a visitor token is good; of widgets that demand an identity only as long as that.
VISITOR_LIFETIME: Final = timedelta(days=180)
REQUIRED_LIFETIME: Final = timedelta(hours=24)
#: A token older than this is replaced when a session is opened.
ROTATE_AFTER: Final = timedelta(days=7)
#: Farthest expiry of an identity token.
IDENTITY_LIFETIME: Final = timedelta(hours=24)
#: Clocks of two servers may differ by so much.
LEEWAY: Final = timedelta(seconds=60)
IDENTITY_TOKEN_MAX: Final = 4096
VISITOR_TOKEN_MAX: Final = 2048
#: Shortest secret either token may be signed with, in bytes (RFC 7518 section 3.2: 256 bits).
SECRET_MIN: Final = 32

_FACTS: Final = {"email": 254, "name": 200, "phone": 32}


class BadIdentityError(ValueError):
    """An identity token that proves nothing; its text says why and is for the host site."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whom a visitor token names."""

    id: str  #: 128 random bits; the peer of the visitor's address
    widget_key: str
    issued_at: datetime
    expires_at: datetime
    language: str | None = None  #: BCP-47, as the browser states it
    identity: str | None = None  #: hash of the host site's `sub`, once it vouched for one
    facts: str | None = None  #: hash of what the host site vouched for last


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the host site vouches for."""

    sub: str
    email: str | None
    name: str | None
    phone: str | None
    issued: int  #: `iat`, else `exp`: tells one sign-in from another, in seconds since 1970

    @property
    def sub_hash(self) -> str:
        """A name for `sub` that may stand in a token the browser keeps."""
        return hashlib.sha256(f"sub:{self.sub}".encode()).hexdigest()[:32]

    @property
    def facts_hash(self) -> str:
        """The same for the same facts about the same person."""
        facts = orjson.dumps([self.sub, self.email, self.name, self.phone])
        return hashlib.sha256(facts).hexdigest()[:32]


def new_visitor(widget_key: str, *, now: datetime) -> Visitor:
    """Return a visitor nobody has seen before, whose token is still to be issued."""
    return Visitor(token_urlsafe(16), widget_key, issued_at=now, expires_at=now)


def _canonical(token: str) -> bool:
    parts = token.split(".")
    if len(parts) != 3 or not all(parts):
        return False
    try:
        return all(
            urlsafe_b64encode(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
            .rstrip(b"=")
            .decode()
            == part
            for part in parts
        )
    except (binascii.Error, ValueError):
        return False


def _claims(token: str, key: bytes) -> dict[str, Any] | None:
    if not _canonical(token):
        return None
    try:
        decoded = jwt.decode(token, OctKey.import_key(key), algorithms=["HS256"])
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        return None
    return decoded.claims


def _moment(claims: dict[str, Any], name: str) -> datetime | None:
    value = claims.get(name)
    if type(value) is not int or not 0 < value < 2**40:
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def visitor_key(secret: str) -> bytes:
    """Return the key of visitor tokens, so that the process's secret can serve other uses too."""
    return hmac.digest(secret.encode(), b"tributary webchat visitor token", "sha256")


def issue_visitor_token(
    visitor: Visitor, *, key: bytes, lifetime: timedelta, now: datetime
) -> str:
    """Return a fresh token that names `visitor`, good for `lifetime` from `now`."""
    claims = {
        "sub": visitor.id,
        "aud": visitor.widget_key,
        "iat": int(now.timestamp()),
        "exp": int((now + lifetime).timestamp()),
        "lang": visitor.language,
        "idn": visitor.identity,
        "facts": visitor.facts,
    }
    present = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode({"alg": "HS256"}, present, OctKey.import_key(key))


class _NotOursError(Exception):
    """Not a visitor token of ours."""


# Raising keeps refusals out of the cache: only good tokens, checked once, take room.
@lru_cache(maxsize=8192)
def _visitor(token: str, key: bytes) -> Visitor:
    claims = _claims(token, key)
    if claims is None:
        raise _NotOursError
    issued_at, expires_at = _moment(claims, "iat"), _moment(claims, "exp")
    sub, audience = claims.get("sub"), claims.get("aud")
    if (
        issued_at is None
        or expires_at is None
        or not isinstance(sub, str)
        or not isinstance(audience, str)
    ):
        raise _NotOursError
    language, identity, facts = (
        None if claims.get(name) is None else str(claims[name])
        for name in ("lang", "idn", "facts")
    )
    return Visitor(sub, audience, issued_at, expires_at, language, identity, facts)


def read_visitor_token(token: str, *, key: bytes, now: datetime) -> Visitor | None:
    """Return whom `token` names; None when it is not ours, expired or issued in the future."""
    if len(token) > VISITOR_TOKEN_MAX:
        return None
    try:
        visitor = _visitor(token, key)
    except _NotOursError:
        return None
    fresh = visitor.issued_at <= now + LEEWAY and now < visitor.expires_at
    return visitor if fresh else None


def _fact(claims: dict[str, Any], name: str, *, most: int) -> str | None:
    value = claims.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not 1 <= len(value) <= most or not value.isprintable():
        message = f"`{name}` must be printable text of 1 to {most} characters"
        raise BadIdentityError(message)
    return value


def read_identity_token(
    token: str, *, secret: str | None, widget_key: str, now: datetime
) -> Identity:
    """Return whom the host site vouches for.

    Raises:
        BadIdentityError: the token proves nothing, for the reason it states.
    """
    if secret is None:
        raise BadIdentityError("this widget has no identity secret, so it takes no identity")
    if len(token) > IDENTITY_TOKEN_MAX:
        raise BadIdentityError(f"the token is longer than {IDENTITY_TOKEN_MAX} characters")
    claims = _claims(token, secret.encode())
    if claims is None:
        raise BadIdentityError("the token is not a JWT signed by HS256 with the widget's secret")
    expires_at = _moment(claims, "exp")
    if expires_at is None:
        raise BadIdentityError("`exp` is required, in seconds since 1970")
    if expires_at + LEEWAY <= now:
        raise BadIdentityError("the token has expired")
    if expires_at > now + IDENTITY_LIFETIME + LEEWAY:
        raise BadIdentityError("`exp` must be at most 24 hours ahead")
    for name in ("iat", "nbf"):
        moment = _moment(claims, name)
        if name in claims and (moment is None or moment > now + LEEWAY):
            raise BadIdentityError(f"`{name}` must be a time that has passed")
    audience = claims.get("aud")
    if audience not in (widget_key, [widget_key]):
        raise BadIdentityError("`aud` must be the widget key")
    sub = _fact(claims, "sub", most=200)
    if sub is None:
        raise BadIdentityError("`sub` is required")
    facts = {name: _fact(claims, name, most=most) for name, most in _FACTS.items()}
    issued = claims.get("iat", claims["exp"])
    return Identity(sub, facts["email"], facts["name"], facts["phone"], issued)
