"""A person the host site vouches for is one customer, whatever browser they come by."""

import time
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from sqlalchemy import select

from crm_store import timeline
from crm_store.conversations import Conversation
from crm_store.customers import Customer
from crm_store.database import Database
from tests.journeys.conftest import IDENTITY_SECRET, Server


def identity(sub: str, **facts: str) -> str:
    """Return what a host site signs."""
    claims = {"sub": sub, "aud": "demo", "exp": int(time.time()) + 300, **facts}
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(IDENTITY_SECRET))


class Browser:
    """A visitor without a browser: the protocol's REST side."""

    def __init__(self, server: Server) -> None:
        self.http = httpx.Client(base_url=f"{server.origin}/webchat/v1", timeout=30)
        self.session: dict[str, Any] = {}

    def open(self, **more: str) -> None:
        """Open a session, or open it again with what is known now."""
        known = {"visitor_token": self.session["visitor_token"]} if self.session else {}
        answer = self.http.post("/session", json={"widget_key": "demo", **known, **more})
        assert answer.status_code == 200, answer.text
        self.session = answer.json()
        self.http.headers["authorization"] = f"Bearer {self.session['visitor_token']}"

    def ask(self, text: str) -> None:
        """Say something and wait for the reply."""
        content = {"kind": "text", "text": text}
        body = {"client_msg_id": uuid4().hex, "content": content}
        seq = self.http.post("/messages", json=body).json()["seq"]
        while True:
            page = self.http.get("/events", params={"after": seq, "wait": 20}).json()
            if any(event.get("from") == "bot" for event in page["events"]):
                return
            seq = page["cursor"]


def test_two_browsers_of_one_signed_in_person_are_one_customer(
    server: Server, store: Database, request: pytest.FixtureRequest
) -> None:
    """Signing in on a second browser joins its visitor to the known customer, told once."""
    request.addfinalizer((laptop := Browser(server)).http.close)
    request.addfinalizer((phone := Browser(server)).http.close)
    laptop.open(identity_token=identity("anna", email="anna.signed@example.com", name="Anna"))
    laptop.ask("How long is the warranty?")
    phone.open()
    phone.ask("Do you take WeChat Pay?")
    phone.open(identity_token=identity("anna", email="anna.signed@example.com", name="Anna"))
    phone.ask("thanks")

    with store.session() as session:
        person = session.scalars(
            select(Customer).where(Customer.email == "anna.signed@example.com")
        ).one()
        ids = set(
            session.scalars(select(Conversation.id).where(Conversation.customer_id == person.id))
        )
        entries = timeline.read(session, person.id)
    assert ids == {UUID(each.session["conversation_id"]) for each in (laptop, phone)}
    said = [
        e["data"]["content"]["text"]
        for e in entries
        if e["kind"] == "message_received" and e["data"]["content"]["kind"] == "text"
    ]
    assert said == ["How long is the warranty?", "Do you take WeChat Pay?", "thanks"]
    assert [entry["kind"] for entry in entries].count("customer_merged") == 1
    assert person.facts["email"]["verified"] is True


def test_an_unsigned_claim_changes_nothing(server: Server, store: Database) -> None:
    """A token signed with another secret is refused, and nobody gets its e-mail address."""
    forged = jwt.encode(
        {"alg": "HS256"},
        {"sub": "eve", "aud": "demo", "exp": int(time.time()) + 300, "email": "eve@example.com"},
        OctKey.import_key("a secret the host site never had"),
    )

    answer = httpx.post(
        f"{server.origin}/webchat/v1/session",
        json={"widget_key": "demo", "identity_token": forged},
    )

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "bad_identity"
    with store.session() as session:
        found = session.scalars(select(Customer).where(Customer.email == "eve@example.com")).all()
    assert found == []
