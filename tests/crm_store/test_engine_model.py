"""The engine's store against a simple model: any order of deliveries, work, crashes and sends."""

from datetime import timedelta
from tempfile import TemporaryDirectory
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from crm_store import backlog, inbox, ledger, outbox, timers, transcript
from crm_store.conversations import Conversation
from crm_store.database import Database
from crm_store.migrations import migrate
from crm_store.outbox import Claimed
from crm_store.timers import NewTimer
from tests.builders import (
    MONDAY,
    a_customer,
    an_address,
    an_arrival,
    an_outbound,
    finish_turn,
    store,
)

PEERS = [an_address(f"p{n}") for n in range(3)]


class CrashError(Exception):
    """The process died inside a transaction."""


class EngineModel(RuleBasedStateMachine):
    """Two senders and a worker on one store, beside lists of what must be true."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.database = Database(f"sqlite:///{self.folder.name}/model.db")
        migrate(self.database)
        self.now = MONDAY
        self.stored: dict[UUID, list[str]] = {}  # external ids in order
        self.answered: dict[UUID, int] = {}  # items done
        self.claims: list[tuple[Claimed, str]] = []
        self.sent: list[UUID] = []
        self.fired: set[str] = set()

    def teardown(self) -> None:
        """Close the database."""
        self.database.close()
        self.folder.cleanup()

    @rule(
        batch=st.lists(st.tuples(st.sampled_from(range(3)), st.integers(0, 12)), max_size=6),
        crash=st.booleans(),
    )
    def deliver(self, batch: list[tuple[int, int]], crash: bool) -> None:
        """Store messages, some of them again; perhaps die before the commit."""
        arrivals = [an_arrival(address=PEERS[p], external_id=f"e{n}") for p, n in batch]
        try:
            with self.database.transaction() as connection:
                places = store(connection, arrivals)
                if crash:
                    raise CrashError
        except CrashError:
            return
        for (peer, number), place in zip(batch, places, strict=True):
            mine = self.stored.setdefault(PEERS[peer].conversation_id, [])
            assert place.duplicate is (f"e{number}" in mine)
            if not place.duplicate:
                mine.append(f"e{number}")

    @rule(most=st.integers(1, 3), replies=st.integers(0, 2), crash=st.booleans())
    def work(self, most: int, replies: int, crash: bool) -> None:
        """Answer the oldest items of some conversations; perhaps die before the commit."""
        with self.database.reading() as connection:
            ids = backlog.candidates(connection, cursor=UUID(int=0), most=most)
            items = inbox.undone(connection, ids, per_conversation=1)
        try:
            with self.database.session() as session:
                for item in items:
                    conversation = session.get_one(Conversation, item.conversation_id)
                    if conversation.customer_id is None:
                        conversation.customer_id = a_customer(session).id
                        session.flush()
                    said = [an_outbound(address=item.message.address) for _ in range(replies)]
                    finish_turn(session, conversation, item.seq, replies=said, now=self.now)
                if crash:
                    raise CrashError
        except CrashError:
            return
        for item in items:
            done = self.answered.get(item.conversation_id, 0)
            expected = self.stored[item.conversation_id][done]
            assert item.message.external_id == expected
            self.answered[item.conversation_id] = done + 1

    @rule(process=st.sampled_from(["tributary-a", "tributary-b"]))
    def claim(self, process: str) -> None:
        """Claim what is due; nobody else may hold a message of that conversation."""
        with self.database.transaction() as connection:
            claimed = outbox.claim(connection, ["callback"], process=process, most=2, now=self.now)
        held = {item.conversation_id for item, _ in self.claims}
        assert held.isdisjoint(item.conversation_id for item in claimed)
        self.claims += [(item, process) for item in claimed]

    @rule(data=st.data(), accepted=st.booleans())
    def settle(self, data: st.DataObject, accepted: bool) -> None:
        """Mark a claimed message sent, or put it back."""
        if not self.claims:
            return
        item, process = self.claims.pop(data.draw(st.integers(0, len(self.claims) - 1)))
        with self.database.transaction() as connection:
            if accepted:
                seq = outbox.mark_sent(
                    connection, item, process=process, provider_ids=[], now=self.now
                )
                assert seq is not None
                self.sent.append(item.id)
            else:
                outbox.put_back(
                    connection, item, process=process, not_before=self.now, reason="busy"
                )

    @rule(process=st.sampled_from(["tributary-a", "tributary-b"]))
    def die(self, process: str) -> None:
        """Let a sender die; what it held is sent again, and the zombie marks nothing."""
        with self.database.transaction() as connection:
            taken = outbox.recover(
                connection, dead=[process], stuck_before=self.now - timedelta(days=1)
            )
            mine = [item for item, owner in self.claims if owner == process]
            assert taken == len(mine)
            for item in mine:
                assert (
                    outbox.mark_sent(
                        connection, item, process=process, provider_ids=[], now=self.now
                    )
                    is None
                )
        self.claims = [(item, owner) for item, owner in self.claims if owner != process]

    @rule(peer=st.sampled_from(range(3)), key=st.integers(0, 3), crash=st.booleans())
    def remind(self, peer: int, key: int, crash: bool) -> None:
        """Set a timer and fire it; perhaps die in between."""
        timer = NewTimer(PEERS[peer], "reminder", self.now, {}, f"k{key}")
        name = f"{peer}/{key}"
        with self.database.transaction() as connection:
            timers.set_timers(connection, [timer])
        for crashes in (crash, False):
            try:
                with self.database.transaction() as connection:
                    fired = timers.fire_due(connection, now=self.now, most=9, known=set())
                    if crashes:
                        raise CrashError
            except CrashError:
                continue
            new = [arrival for arrival, place in fired if not place.duplicate]
            assert len(new) == (name not in self.fired)
            mine = self.stored.setdefault(PEERS[peer].conversation_id, [])
            mine += [arrival.message.external_id for arrival in new]
            self.fired.add(name)
            break

    @invariant()
    def the_books_balance(self) -> None:
        """Nothing is lost, doubled or out of order; transcripts have no gap."""
        with self.database.reading() as connection:
            assert ledger.draw(connection).faults == []
            for key, names in self.stored.items():
                entries = transcript.read(connection, key, after=0, limit=1000)
                inbound = [e.message["external_id"] for e in entries if e.direction == "in"]
                assert inbound == names
            assert len(set(self.sent)) == len(self.sent)


EngineModel.TestCase.settings = settings(max_examples=25, stateful_step_count=25)
TestEngine = EngineModel.TestCase
