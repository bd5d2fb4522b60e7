"""Acting: runs an action of a flow and takes over what it returns, or its failure."""

import hashlib
from collections.abc import Mapping
from uuid import uuid5

import orjson
from pydantic import JsonValue

from dialogues.action import ActionError, ActionForm, ActionTurn, form_of
from dialogues.action_values import REASON, UnfitValueError, fit_inputs, fit_outputs
from dialogues.exchange import Exchange
from dialogues.flow import Flow, StepPath
from dialogues.inputs import filled_in
from dialogues.later import ActionRequest, ActionResult
from dialogues.placeholders import names_in
from dialogues.places import mark, place_name
from dialogues.responses import option
from dialogues.stack import drop
from dialogues.state import Frame
from dialogues.step import Act


def act(x: Exchange, frame: Frame, flow: Flow, step: Act) -> bool:
    """Run the step's action, and note that it has run or failed, so that the walk goes on.

    Returns:
        Whether the flow waits now, because the action runs outside the turn.
    """
    form = form_of(x.bot, step.act)
    here = frame.path
    if form is None:
        mark(frame)
        return False
    try:
        inputs = inputs_of(x, flow, frame, step, form)
    except ActionError as error:
        _fail(x, frame, step, error.reason)
        return False
    if form.slow:
        _request(x, frame, flow, step, form, inputs)
        return True
    action = x.actions(step.act)
    assert action is not None  # noqa: S101 - it has a form and is no other kind
    try:
        results = action.run(turn_of(x, flow, here), inputs)
    except ActionError as error:
        _fail(x, frame, step, error.reason)
        return False
    if hasattr(action, "amend"):
        frame.results = {**frame.results, frame.step: dict(results)}
    _succeed(x, frame, step, form, results)
    return False


def turn_of(x: Exchange, flow: Flow, path: StepPath) -> ActionTurn:
    """Return what the action at `path` may touch; its source names this step of this turn."""
    return ActionTurn(
        session=x.session,
        bot=x.bot,
        customer=x.customer,
        conversation_id=x.conversation_id,
        channel=x.channel,
        language=x.language,
        source=f"{x.source}:{flow.id}/{place_name(path)}",
        words=x.words,
        now=x.now,
        record=x.record,
    )


def inputs_of(
    x: Exchange, flow: Flow, frame: Frame, step: Act, form: ActionForm
) -> dict[str, JsonValue]:
    """Return the step's inputs as the action's types.

    Raises:
        ActionError: one does not fit, or one that is required is not known.
    """
    given = {name: filled_in(x, flow, frame, value) for name, value in step.with_.items()}
    try:
        return fit_inputs(form.inputs, given)
    except UnfitValueError as error:
        raise ActionError("unfit_input") from error


def _request(
    x: Exchange,
    frame: Frame,
    flow: Flow,
    step: Act,
    form: ActionForm,
    inputs: Mapping[str, JsonValue],
) -> None:
    """Wait for a slow action; one that is under way for the same slots is not asked again."""
    awaited = _awaited(frame, step)
    if frame.waiting is not None and frame.waiting_mark == awaited:
        return
    source = f"action/{x.source}:{flow.id}/{place_name(frame.path)}/{len(x.requests)}"
    request = ActionRequest(
        id=uuid5(x.conversation_id, source),
        action=step.act,
        inputs=dict(inputs),
        language=x.language,
        gives_up_at=x.now + form.up_to,
    )
    x.requests.append(request)
    x.note(act=step.act, requested=str(request.id))
    frame.waiting, frame.waiting_mark, frame.waiting_noted = request.key, awaited, False
    if step.meanwhile is not None:
        x.say(step.meanwhile, flow=flow, slots=frame.slots)


def _awaited(frame: Frame, step: Act) -> str:
    """Return the step's name and a digest of the slots it hands over.

    Only of slots: `{turn.text}` is another text in each turn that comes while we wait.
    """
    names = {name for value in step.with_.values() for name in names_in(str(value))}
    handed = {name: frame.slots[name] for name in sorted(names & frame.slots.keys())}
    data = orjson.dumps(handed, option=orjson.OPT_SORT_KEYS)
    return f"{frame.step}#{hashlib.blake2b(data, digest_size=8).hexdigest()}"


def take_result(x: Exchange, key: str, result: ActionResult) -> Frame | None:
    """Go on in the frame that waits for this result, and in no other.

    Returns:
        The frame, or None when none waits for it any more; then nothing happened.
    """
    frame = next((frame for frame in x.state.frames if frame.waiting == key), None)
    if frame is None:
        x.note(result=key, stale=True)
        return None
    place = frame.waiting_mark.partition("#")[0]
    # Also when it came too late: the step must ask anew, not wait for what has been.
    frame.waiting, frame.waiting_mark, frame.waiting_noted = None, "", False
    flow = x.bot.flows.get(frame.flow)
    step = flow.step_at(frame.path) if flow is not None else None
    form = form_of(x.bot, step.act) if isinstance(step, Act) else None
    if form is None or not isinstance(step, Act) or place != frame.step:
        x.note(result=key, stale=True)
        return None
    if result.reason is not None:
        _fail(x, frame, step, result.reason)
    else:
        _succeed(x, frame, step, form, result.values)
    return frame


def _succeed(
    x: Exchange, frame: Frame, step: Act, form: ActionForm, results: Mapping[str, JsonValue]
) -> None:
    try:
        fitted = fit_outputs(form.outputs, results)
    except UnfitValueError:
        _fail(x, frame, step, "unfit_output")
        return
    x.note(act=step.act, results={k: fitted.get(k) for k in step.save if k != REASON})
    saved = {slot: fitted[key] for key, slot in step.save.items() if key in fitted}
    frame.slots = {**frame.slots, **saved}
    mark(frame)


def _fail(x: Exchange, frame: Frame, step: Act, reason: str) -> None:
    """Go on in the step's `on_failure`; without one, close the flow and offer a person."""
    x.note(act=step.act, failed=True, reason=reason)
    if (slot := step.save.get(REASON)) is not None:
        frame.slots = {**frame.slots, slot: reason}
    if step.on_failure:
        mark(frame, "on_failure")
        return
    drop(x.state, frame)
    x.state.yes_means = "human"
    x.repair("error", options=[option(x.bot, "human", "label_human", x.language)])
