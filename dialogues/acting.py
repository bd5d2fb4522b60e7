"""Acting: runs an action of a flow and takes over what it returns, or its failure."""

from dialogues.action import ActionError, ActionTurn, load_action
from dialogues.exchange import Exchange
from dialogues.flow import Flow
from dialogues.inputs import filled_in
from dialogues.places import first_time, following, place_name
from dialogues.responses import option
from dialogues.state import Frame
from dialogues.step import Act


def act(x: Exchange, frame: Frame, flow: Flow, step: Act) -> None:
    """Run the step's action once, and go on behind it or in its `on_failure`."""
    action = load_action(step.act)
    here = frame.path
    if action is None or not first_time(frame):
        frame.path = following(here)
        return
    inputs = {name: filled_in(x, flow, frame, value) for name, value in step.with_.items()}
    turn = ActionTurn(
        session=x.session,
        bot=x.bot,
        customer=x.customer,
        conversation_id=x.conversation_id,
        channel=x.channel,
        language=x.language,
        source=f"{x.source}:{flow.id}/{place_name(here)}",
        words=x.words,
        now=x.now,
        record=x.record,
    )
    try:
        results = action.run(turn, {k: v for k, v in inputs.items() if v is not None})
    except ActionError:
        x.note(act=step.act, failed=True)
        frame.done = [name for name in frame.done if name != place_name(here)]
        if step.on_failure:
            frame.path = (*here, "on_failure", 0)
            return
        x.state.frames.pop()
        x.state.yes_means = "human"
        x.repair("error", options=[option(x.bot, "human", "label_human", x.language)])
        return
    if hasattr(action, "amend"):
        frame.results = {**frame.results, place_name(here): dict(results)}
    x.note(act=step.act, results={k: results.get(k) for k in step.save})
    saved = {slot: results[key] for key, slot in step.save.items() if key in results}
    frame.slots = {**frame.slots, **saved}
    frame.path = following(here)
