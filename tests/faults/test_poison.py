"""R10: messages that harm whoever works on them, in understanding and inside the turn."""

import time

import pytest
from sqlalchemy import select

from crm_store.conversations import Conversation
from crm_store.dead_letters import DeadLetter
from crm_store.handoffs import Handoff
from crm_store.inbox import ATTEMPTS_MAX, InboxItem
from crm_store.outbox import OutboxItem
from tests.faults.interpreter import POISON
from tests.faults.scene import Scene, tell
from tests.faults.traffic import Message, conversations

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]

#: Longest a hung loop is left alone in these tests, seconds.
HUNG_SECONDS = 3.0
#: Longest until a poisoned message is given up, seconds.
BURIED_SECONDS = 60.0
#: Harms that end with an exception or at once; and those a watchdog has to end, one by one.
QUICK = sorted(POISON.keys() - {"infinite_loop", "loop_in_c", "sys_exit"})


@pytest.mark.parametrize("kinds", [QUICK, ["infinite_loop"], ["loop_in_c"], ["sys_exit"]])
async def test_poisoned_messages_are_given_up_and_everything_else_goes_on(
    scene: Scene, kinds: list[str]
) -> None:
    """Every harm is given up within a minute, after three attempts at most, with an apology."""
    # Half of them while the texts are understood, half while the transaction is open.
    poisoned = [
        Message(100 + n, f"bad-{n}", f"{'poison' if n % 2 else 'poison_turn'}:{kind}")
        for n, kind in enumerate(kinds)
    ]
    before = [
        [Message(m.peer, f"{m.id}-before", "hello"), m, Message(m.peer, f"{m.id}-after", "hello")]
        for m in poisoned
    ]
    with scene.fleet(workers=2, hung_seconds=HUNG_SECONDS) as fleet:
        fleet.start_all()
        started = time.monotonic()
        await scene.send(fleet, [*conversations(20, 5), *before], lines=30)
        await scene.settle(seconds=BURIED_SECONDS * 2)
        seconds = time.monotonic() - started
        await scene.send(fleet, conversations(20, 2, prefix="later-"))
        await scene.settle()
        findings = scene.check(dead=len(poisoned))

    tell(f"{kinds}, all given up after {seconds:.0f} s: {findings}")
    assert findings.faults == []
    assert seconds <= BURIED_SECONDS
    with scene.database.reading() as connection:
        letters = connection.execute(select(DeadLetter)).all()
        bad = {m.address.conversation_id: m for m in poisoned}
        assert {letter.conversation_id for letter in letters} == bad.keys()
        items = connection.execute(
            select(InboxItem).where(InboxItem.outcome == "dead_letter")
        ).all()
        assert {item.external_id for item in items} == {m.id for m in poisoned}
        assert max(item.attempts for item in items) <= ATTEMPTS_MAX
        handoffs = connection.execute(select(Handoff)).all()
        assert {h.conversation_id for h in handoffs if h.reason == "dead_letter"} == bad.keys()
        owners = connection.execute(
            select(Conversation.owner).where(Conversation.id.in_(bad))
        ).scalars()
        assert set(owners) == {"queue"}
        said = connection.execute(
            select(OutboxItem.conversation_id, OutboxItem.state).where(
                OutboxItem.conversation_id.in_(bad), OutboxItem.seq.in_([i.seq for i in items])
            )
        ).all()
        assert {row.conversation_id for row in said if row.state == "sent"} == bad.keys()
