"""Tokens: only what we or the host site signed, in one form, in its time, for its widget."""

import base64
import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from channels.webchat.tokens import (
    VISITOR_LIFETIME,
    BadIdentityError,
    Identity,
    Visitor,
    issue_visitor_token,
    new_visitor,
    read_identity_token,
    read_visitor_token,
    visitor_key,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEY = visitor_key("a secret key of the server, 32 characters or more")
SECRET = "the host site's own secret, also of 32 or more"
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def visitor_token() -> tuple[str, Visitor]:
    """Return a token of ours and whom it names."""
    visitor = new_visitor("demo", now=NOW)
    token = issue_visitor_token(visitor, key=KEY, lifetime=VISITOR_LIFETIME, now=NOW)
    return token, visitor


def identity_token(secret: str = SECRET, algorithm: str = "HS256", **claims: object) -> str:
    """Return a host site's token; a claim of `...` is left out."""
    whole = {
        "sub": "customer-7",
        "aud": "demo",
        "iat": int(NOW.timestamp()),
        "exp": int((NOW + timedelta(minutes=5)).timestamp()),
        **claims,
    }
    present = {name: value for name, value in whole.items() if value is not ...}
    key = OctKey.import_key(secret)
    return jwt.encode({"alg": algorithm}, present, key, algorithms=[algorithm])


def identify(token: str, secret: str | None = SECRET, now: datetime = NOW) -> Identity:
    """Read an identity token for the widget `demo`."""
    return read_identity_token(token, secret=secret, widget_key="demo", now=now)


def mutations(token: str, count: int) -> list[str]:
    """Return so many tokens that differ from `token` in one random place or another."""
    rng = random.Random(token)
    found: set[str] = set()
    while len(found) < count:
        at = rng.randrange(len(token))
        kind = rng.randrange(4)
        if kind == 0:
            changed = token[:at] + rng.choice(ALPHABET) + token[at + 1 :]
        elif kind == 1:
            changed = token[:at] + token[at + 1 :]
        elif kind == 2:
            changed = token[:at] + rng.choice(ALPHABET + "=.+/ \n\u00e9") + token[at:]
        else:
            changed = token[:at] + chr(ord(token[at]) ^ (1 << rng.randrange(7))) + token[at + 1 :]
        if changed != token:
            found.add(changed)
    return sorted(found)


def unsigned(header: dict[str, Any], claims: dict[str, Any], signature: str = "") -> str:
    """Return a token with a signature of the test's choice."""

    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part(header)}.{part(claims)}.{signature}"


def test_a_visitor_token_names_its_visitor() -> None:
    """What was issued is read back, and only with the same key."""
    token, visitor = visitor_token()
    read = read_visitor_token(token, key=KEY, now=NOW)
    assert read is not None
    assert (read.id, read.widget_key) == (visitor.id, "demo")
    assert read_visitor_token(token, key=visitor_key("another secret" * 3), now=NOW) is None


def test_a_thousand_mutations_of_a_visitor_token_are_refused() -> None:
    """No changed token is accepted, not even one that decodes alike."""
    token, _ = visitor_token()
    accepted = [
        changed
        for changed in mutations(token, 1000)
        if read_visitor_token(changed, key=KEY, now=NOW) is not None
    ]
    assert accepted == []


def test_a_thousand_mutations_of_an_identity_token_are_refused() -> None:
    """No changed identity token is accepted."""
    token = identity_token(email="ann@customer.example")
    assert identify(token).sub == "customer-7"
    for changed in mutations(token, 1000):
        with pytest.raises(BadIdentityError):
            identify(changed)


def test_a_visitor_token_has_its_time() -> None:
    """Expired tokens and tokens from the future are refused, also after they were read once."""
    token, _ = visitor_token()
    for days, good in ((0, True), (179, True), (180, False), (-1, False), (1, True)):
        read = read_visitor_token(token, key=KEY, now=NOW + timedelta(days=days))
        assert (read is not None) is good


def test_algorithms_are_pinned() -> None:
    """Neither `none` nor another algorithm passes, whatever the header says."""
    claims = {"sub": "x", "aud": "demo", "iat": int(NOW.timestamp()), "exp": 4102444800}
    for algorithm in ("none", "None", "HS512", "RS256", ""):
        for signature in ("", "AAAA"):
            token = unsigned({"alg": algorithm}, claims, signature)
            assert read_visitor_token(token, key=KEY, now=NOW) is None
            with pytest.raises(BadIdentityError):
                identify(token)
    with pytest.raises(BadIdentityError):
        identify(identity_token(SECRET * 2, algorithm="HS512"), secret=SECRET * 2)


def test_an_identity_token_is_no_visitor_token() -> None:
    """The two kinds cannot stand in for each other, even under one secret."""
    server_secret = "a secret key of the server, 32 characters or more"
    assert read_visitor_token(identity_token(server_secret), key=KEY, now=NOW) is None
    token, _ = visitor_token()
    with pytest.raises(BadIdentityError):
        identify(token, secret=server_secret)


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"exp": ...}, "exp"),
        ({"exp": int((NOW - timedelta(minutes=2)).timestamp())}, "expired"),
        ({"exp": int((NOW + timedelta(hours=25)).timestamp())}, "24 hours"),
        ({"exp": True}, "exp"),
        ({"exp": "4102444800"}, "exp"),
        ({"exp": 10**30}, "exp"),
        ({"exp": 1e300}, "exp"),
        ({"iat": int((NOW + timedelta(minutes=5)).timestamp())}, "iat"),
        ({"iat": "now"}, "iat"),
        ({"nbf": int((NOW + timedelta(minutes=5)).timestamp())}, "nbf"),
        ({"aud": "other"}, "aud"),
        ({"aud": ...}, "aud"),
        ({"aud": ["demo", "other"]}, "aud"),
        ({"aud": {"demo": 1}}, "aud"),
        ({"sub": ...}, "sub"),
        ({"sub": ""}, "sub"),
        ({"sub": 7}, "sub"),
        ({"sub": "x" * 201}, "sub"),
        ({"email": ["a@b.example"]}, "email"),
        ({"name": "line\nbreak"}, "name"),
        ({"phone": "1" * 33}, "phone"),
    ],
)
def test_an_identity_token_must_be_right_in_every_claim(claims: dict[str, Any], why: str) -> None:
    """A claim that is missing, wrong or out of time refuses the token, and says which."""
    with pytest.raises(BadIdentityError, match=why):
        identify(identity_token(**claims))


def test_a_widget_without_identity_secret_takes_no_identity() -> None:
    """Without a secret nothing can be verified, so nothing is believed."""
    with pytest.raises(BadIdentityError, match="no identity secret"):
        identify(identity_token(), secret=None)
    with pytest.raises(BadIdentityError, match="longer"):
        identify("x" * 5000)


def test_an_identity_carries_only_signed_facts() -> None:
    """E-mail, name and phone come from the token, and no other claim does."""
    identity = identify(identity_token(email="ann@customer.example", name="Ann", role="admin"))
    assert (identity.sub, identity.email, identity.name) == (
        "customer-7",
        "ann@customer.example",
        "Ann",
    )
    assert identity.phone is None
    assert not hasattr(identity, "role")
