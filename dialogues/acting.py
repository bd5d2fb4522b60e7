"""Acting: runs an action of a flow and takes over what it returns, or its failure."""

from dialogues.action import ActionError, ActionTurn, load_action
from dialogues.exchange import Exchange
from dialogues.flow import Flow
from dialogues.inputs import filled_in
from dialogues.places import mark, place_name
from dialogues.responses import option
from dialogues.stack import close
from dialogues.state import Frame
from dialogues.step import Act


def act(x: Exchange, frame: Frame, flow: Flow, step: Act) -> None:
    """Run the step's action, and note that it has run or failed, so that the walk goes on."""
    action = load_action(step.act)
    if action is None:
        mark(frame)
        return
    inputs = {name: filled_in(x, flow, frame, value) for name, value in step.with_.items()}
    turn = ActionTurn(
        session=x.session,
        bot=x.bot,
        customer=x.customer,
        conversation_id=x.conversation_id,
        channel=x.channel,
        language=x.language,
        source=f"{x.source}:{flow.id}/{place_name(frame.path)}",
        words=x.words,
        now=x.now,
        record=x.record,
    )
    try:
        results = action.run(turn, {k: v for k, v in inputs.items() if v is not None})
    except ActionError:
        x.note(act=step.act, failed=True)
        if step.on_failure:
            mark(frame, "on_failure")
            return
        close(x.state)
        x.state.yes_means = "human"
        x.repair("error", options=[option(x.bot, "human", "label_human", x.language)])
        return
    if hasattr(action, "amend"):
        frame.results = {**frame.results, frame.step: dict(results)}
    x.note(act=step.act, results={k: results.get(k) for k in step.save})
    saved = {slot: results[key] for key, slot in step.save.items() if key in results}
    frame.slots = {**frame.slots, **saved}
    mark(frame)
