"""Sessions: who a visitor is, across page loads, sign-ins and shared browsers."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from sqlalchemy import select

from channels.contract import ChannelError
from crm_store.database import Database
from crm_store.inbox import InboxItem
from tests.webchat.harness import ACCOUNT, IDENTITY_SECRET, Web, serving


def signed(web: Web, sub: str, *, secret: str = IDENTITY_SECRET, **claims: object) -> str:
    """Return the host site's token for `sub`."""
    now = web.clock()
    whole = {
        "sub": sub,
        "aud": "demo",
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(minutes=5)).timestamp()),
        **claims,
    }
    return jwt.encode({"alg": "HS256"}, whole, OctKey.import_key(secret))


def notices(web: Web) -> list[dict[str, Any]]:
    """Return the notices of all inboxes, oldest first."""
    with web.parts.database.reading() as connection:
        rows = connection.execute(select(InboxItem.message).order_by(InboxItem.seq)).scalars()
        return [row["content"] for row in rows if row["content"]["kind"] == "notice"]


async def test_a_returning_visitor_keeps_conversation_and_token(web: Web) -> None:
    """The token brings the same conversation back, and is replaced once it is a week old."""
    first = await web.session()
    await web.post(first, "hello")
    web.clock.pass_by(days=6)
    second = await web.session(visitor_token=first["visitor_token"])
    assert second["visitor_token"] == first["visitor_token"]
    assert (second["conversation_id"], second["cursor"]) == (first["conversation_id"], 1)
    web.clock.pass_by(days=2)
    third = await web.session(visitor_token=first["visitor_token"])
    assert third["visitor_token"] != first["visitor_token"]
    assert third["conversation_id"] == first["conversation_id"]
    assert third["expires_at"] == "2026-09-06T09:00:00Z"
    assert third["ticket"] != second["ticket"]


async def test_an_expired_or_foreign_token_starts_a_new_visitor(web: Web) -> None:
    """A token that is too old, of another widget or forged is not an error but a new visitor."""
    first = await web.session()
    other = await web.session(widget_key="other-key")
    web.clock.pass_by(days=181)
    for token in (first["visitor_token"], other["visitor_token"], "forged", "a.b.c"):
        again = await web.session(visitor_token=token)
        assert again["conversation_id"] != first["conversation_id"]
        assert again["cursor"] == 0


async def test_signing_in_keeps_the_conversation_and_tells_it_once(any_web: Web) -> None:
    """The anonymous conversation goes on under the verified identity, told by one notice."""
    web = any_web
    anonymous = await web.session()
    await web.post(anonymous, "hello")
    known = anonymous
    for _ in range(3):
        web.clock.pass_by(minutes=1)
        token = signed(web, "ann", email="ann@customer.example", name="Ann")
        known = await web.session(visitor_token=known["visitor_token"], identity_token=token)
        assert known["conversation_id"] == anonymous["conversation_id"]
    told = notices(web)
    assert len(told) == 1
    assert told[0]["name"] == "identified"
    jti = told[0]["data"].pop("jti")
    assert jti.startswith("identified:")
    assert told[0]["data"] == {"sub": "ann", "email": "ann@customer.example", "name": "Ann"}
    note = (await web.transcript(known))[1]
    assert note == {
        "seq": 2,
        "at": "2026-03-02T09:01:00.000Z",
        "type": "note",
        "name": "identified",
    }
    changed = signed(web, "ann", email="ann@new.example")
    await web.session(visitor_token=known["visitor_token"], identity_token=changed)
    assert [notice["data"]["email"] for notice in notices(web)] == [
        "ann@customer.example",
        "ann@new.example",
    ]


async def test_a_lost_answer_does_not_tell_twice(web: Web) -> None:
    """The same tokens sent again, because the answer was lost, store nothing new."""
    first = await web.session()
    token = signed(web, "ann")
    for _ in range(2):
        await web.session(visitor_token=first["visitor_token"], identity_token=token)
    assert len(notices(web)) == 1


async def test_another_person_in_the_same_browser_is_a_new_visitor(web: Web) -> None:
    """Who signs in as somebody else does not see the first one's conversation."""
    ann = await web.session(identity_token=signed(web, "ann"))
    await web.post(ann, "my secret")
    bob = await web.session(visitor_token=ann["visitor_token"], identity_token=signed(web, "bob"))
    assert bob["conversation_id"] != ann["conversation_id"]
    assert [event["type"] for event in await web.transcript(bob)] == ["note"]


async def test_a_page_that_does_not_know_the_customer_yet_goes_on(web: Web) -> None:
    """A session without identity keeps the visitor who was identified before."""
    ann = await web.session(identity_token=signed(web, "ann"))
    again = await web.session(visitor_token=ann["visitor_token"])
    assert again["conversation_id"] == ann["conversation_id"]


async def test_a_bad_identity_is_refused_and_nothing_is_stored(web: Web) -> None:
    """Wrong secret, wrong widget, expired: 401 with the reason, no notice."""
    for token in (
        signed(web, "ann", secret="x" * 40),
        signed(web, "ann", aud="other-key"),
        signed(web, "ann", exp=int(web.clock().timestamp()) - 3600),
        "not a token",
    ):
        body = {"widget_key": "demo", "identity_token": token}
        answer = await web.call("session", body)
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == "bad_identity"
    assert notices(web) == []


async def test_a_widget_may_demand_an_identity(sqlite: Database) -> None:
    """Where identity is required, anonymous visitors get no session, token or ticket."""
    account = replace(ACCOUNT, identity="required")
    async with serving(sqlite) as open_web:
        anonymous = await open_web.session()
    async with serving(sqlite, accounts=(account,)) as web:
        body = {"widget_key": "demo", "visitor_token": anonymous["visitor_token"]}
        answer = await web.call("session", body)
        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "identity_required"
        for path, sent in (("ticket", {}), ("events?after=0", None)):
            refused = await web.call(path, sent, token=anonymous["visitor_token"])
            assert refused.status_code == 401
        known = await web.session(identity_token=signed(web, "ann"))
        assert known["expires_at"] == "2026-03-03T09:00:00Z"
        await web.post(known, "hello")


async def test_bad_session_requests_are_refused(web: Web) -> None:
    """Unknown widgets are 404, wrong types 400, each with a code and a message."""
    for body, status, code in (
        ({}, 400, "bad_frame"),
        ({"widget_key": 1}, 400, "bad_frame"),
        ({"widget_key": "nobody"}, 404, "unknown_widget"),
        ({"widget_key": "demo", "visitor_token": 1}, 400, "bad_frame"),
        ({"widget_key": "demo", "identity_token": {"a": 1}}, 400, "bad_frame"),
        (b"[", 400, "bad_json"),
        (b"\xff", 400, "bad_json"),
    ):
        answer = await web.call("session", body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
        assert answer.json()["error"]["message"]


async def test_a_locale_that_is_none_is_passed_over(web: Web) -> None:
    """An odd locale gives the default language, not an error."""
    for locale in ("", "xx", "<script>", 7, None, "fr-FR"):
        assert (await web.session(locale=locale))["language"] == "en"
    assert (await web.session(locale="zh-Hans-CN"))["language"] == "zh"


def test_an_account_that_cannot_work_is_refused_at_the_start() -> None:
    """A short identity secret, or none where identity is required, stops the start."""
    with pytest.raises(ChannelError, match="at least 32"):
        replace(ACCOUNT, identity_secret="short")
    with pytest.raises(ChannelError, match="required"):
        replace(ACCOUNT, identity_secret=None, identity="required")
    with pytest.raises(ChannelError, match="language"):
        replace(ACCOUNT, faces={})
