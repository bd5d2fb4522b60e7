"""When the store fails: nothing false is acknowledged, and all heals when it is back."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from crm_store.database import Database
from tests.webchat.harness import Web, serving


class BreakableDatabase(Database):
    """A real database whose connections fail while `broken`."""

    broken = False

    def _check(self) -> None:
        if self.broken:
            raise OperationalError("BEGIN", {}, OSError("disk full"))

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        self._check()
        with super().transaction() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        self._check()
        with super().reading() as connection:
            yield connection


async def test_a_failing_store_is_503_and_heals(sqlite_url: str) -> None:
    """Every call answers 503 with `Retry-After`; open sockets stay and go on afterwards."""
    database = BreakableDatabase(sqlite_url)
    async with serving(database) as web:
        await _break_and_heal(web, database)
    database.close()


async def _break_and_heal(web: Web, database: BreakableDatabase) -> None:
    session = await web.session()
    spare = await web.ticket(session)
    body = {"client_msg_id": "kept", "content": {"kind": "text", "text": "hello"}}
    calls: list[tuple[str, object]] = [
        ("messages", body),
        ("session", {"widget_key": "demo"}),
        ("ticket", {}),
        ("events?after=0", None),
        (f"events/stream?ticket={spare}", None),
    ]
    async with web.socket(session["ticket"]) as line:
        await line.until("welcome")
        database.broken = True
        for path, sent in calls:
            answer = await web.call(path, sent, token=session["visitor_token"])
            assert answer.status_code == 503
            assert answer.headers["retry-after"] == "2"
            assert answer.json()["error"]["code"] == "unavailable"
        await line.say("hello", "kept")
        error = await line.until("error")
        assert (error["code"], error["client_msg_id"]) == ("unavailable", "kept")
        assert error["retry_after"] == 2.0
        async with web.socket(spare) as refused:
            assert await refused.closed() == 1011

        database.broken = False
        await line.say("hello", "kept")
        ack = await line.until("ack")
        assert (ack["seq"], ack["duplicate"]) == (1, False)
        assert len(await web.transcript(session)) == 1
        async with web.socket(spare) as later:
            assert (await later.next())["cursor"] == 1
