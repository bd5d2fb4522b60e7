"""Amending: carries a corrected value to where it was passed on before."""

from crm_store.tickets import open_ticket
from dialogues.acting import inputs_of, turn_of
from dialogues.action import ActionError, form_of
from dialogues.endings import listed
from dialogues.exchange import Exchange
from dialogues.flow import Flow, StepPath
from dialogues.state import Frame
from dialogues.step import Act

#: Corrections kept for the summary a person reads.
NOTES_MAX = 5


def amend(x: Exchange, frame: Frame, flow: Flow, path: StepPath) -> bool:
    """Have the action that ran at `path` change what it did to the values as they are now.

    Returns:
        Whether it can be changed; if not, nothing happened.
    """
    step = flow.step_at(path)
    form = form_of(x.bot, step.act) if isinstance(step, Act) else None
    if form is None or not isinstance(step, Act):
        return False
    change = getattr(x.actions(step.act), "amend", None)
    if change is None:
        return False
    try:
        inputs = inputs_of(x, flow, frame, step, form)
        change(turn_of(x, flow, path), inputs, frame.results.get(flow.names[path], {}))
    except ActionError as error:
        x.note(amend=step.act, failed=True, reason=error.reason)
        return False
    x.note(amend=step.act)
    return True


def note_for_desk(x: Exchange, frame: Frame, flow: Flow, before: Frame, changed: set[str]) -> None:
    """Leave a ticket, and a line in the next hand-off, for a change that no action can make."""
    old = listed(x, flow, {n: before.slots.get(n) for n in changed})
    new = listed(x, flow, {n: frame.slots.get(n) for n in changed})
    line = f"{x.goal(flow)}: {old} → {new}"[:500]
    x.state.notes = [*x.state.notes, line][-NOTES_MAX:]
    ticket, is_new = open_ticket(
        x.session,
        x.customer.id,
        conversation_id=x.conversation_id,
        subject=x.goal(flow),
        description=line,
        details={
            "correction": {
                name: {"before": before.slots.get(name), "now": frame.slots.get(name)}
                for name in sorted(changed)
            }
        },
        priority="normal",
        source=f"{x.source}:correction/{flow.id}",
        now=x.now,
    )
    if is_new or ticket.source.startswith(x.source):
        x.record(
            "ticket_opened",
            {"number": ticket.number, "subject": ticket.subject, "priority": ticket.priority},
        )
