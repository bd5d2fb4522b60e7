"""Typed inputs and outputs: what fits, what does not, and where a flow is told so."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from dialogues.action_values import Input, Output, UnfitValueError, fit, fit_inputs
from dialogues.bot import load_bot
from nlu.yaml_file import FaultyFileError
from tests.dialogues.parcel_talks import FOLDER

CHOICE = Input("choice", choices=("low", "high"))


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (5, Input(), "5"),
        (5.0, Input(), "5"),
        (True, Input(), "yes"),
        ("a\x00b", Input(), "ab"),
        ("12", Input("number"), 12),
        ("1.5", Input("number"), 1.5),
        (3, Input("number", least=1, most=5), 3),
        ("no", Input("boolean"), False),
        ("TRUE", Input("boolean"), True),
        ("2026-03-05", Input("date"), "2026-03-05"),
        ("2026-03-05T23:00:00Z", Output("date"), "2026-03-05"),
        ("low", CHOICE, "low"),
    ],
)
def test_a_value_that_fits_becomes_its_type(
    value: JsonValue, kind: Input | Output, expected: JsonValue
) -> None:
    """Numbers in words of digits, times of day and the like are what they mean."""
    found = fit(value, kind)

    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ({}, Input()),
        (["a"], Input()),
        ("many", Input("number")),
        (True, Input("number")),
        (float("nan"), Input("number")),
        (float("inf"), Output("number")),
        (6, Input("number", least=1, most=5)),
        ("perhaps", Input("boolean")),
        ("soon", Input("date")),
        ("2026-13-05", Input("date")),
        ("LOW", CHOICE),
        (["low"], CHOICE),
    ],
)
def test_a_value_that_does_not_fit_is_refused(value: JsonValue, kind: Input | Output) -> None:
    """Nothing is guessed."""
    with pytest.raises(UnfitValueError):
        fit(value, kind)


def test_what_is_required_must_be_there() -> None:
    """Empty counts as left out; what the action does not take is dropped."""
    kinds = {"a": Input(required=True), "b": Input("number")}

    assert fit_inputs(kinds, {"a": "x", "b": None, "c": 1}) == {"a": "x"}
    with pytest.raises(UnfitValueError):
        fit_inputs(kinds, {"a": "", "b": 1})


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
)


@given(_JSON, st.sampled_from(["text", "number", "boolean", "date", "choice"]))
def test_any_value_fits_or_is_refused(value: Any, kind: Any) -> None:  # noqa: ANN401 - any JSON
    """No value of any system raises anything else."""
    try:
        found = fit(value, Output(kind, choices=("a",)))
    except UnfitValueError:
        return
    assert isinstance(found, str | int | float)


FAULTS = [
    ("report.yml", 'priority: "{urgency}"', "priority: urgnt", "with.priority", "not 'urgnt'"),
    ("report.yml", "low: {en: Low, zh: 低}", "slow: {en: Low, zh: 低}", "with.priority", "slow"),
    (
        "report.yml",
        'priority: "{urgency}"',
        'priority: "{problem}"',
        "with.priority",
        "problem holds a text",
    ),
    (
        "order_status.yml",
        "slots:",
        "slots:\n  eta: {type: number}",
        "save.eta",
        "the slot keeps a number",
    ),
    (
        "report.yml",
        "save: {number: ticket}",
        "save: {number: ticket}\n    meanwhile: opened",
        "meanwhile",
        "done at once",
    ),
    ("order_status.yml", "meanwhile: looking_up", "meanwhile: loking_up", "meanwhile", "looking"),
    ("order_status.yml", "act: look_up_parcel", "act: look_up_parcl", "act", "look_up_parcel"),
    ("order_status.yml", "{status: status", "{stats: status", "save.stats", "returns no"),
    ("pay.yml", "remind: unpaid", "remind: upaid", "remind", "unpaid"),
]


@pytest.mark.parametrize(("name", "old", "new", "key", "message"), FAULTS)
def test_a_type_that_does_not_fit_is_named_by_file_key_and_line(
    tmp_path: Path, name: str, old: str, new: str, key: str, message: str
) -> None:
    """A flow that hands over or keeps the wrong type is refused before it is served."""
    folder = tmp_path / "parcels"
    shutil.copytree(FOLDER, folder)
    path = folder / "flows" / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))

    with pytest.raises(FaultyFileError) as raised:
        load_bot(folder)

    found = [f for f in raised.value.faults if f.path == path and f.key.endswith(key)]
    assert any(message in fault.message for fault in found), raised.value
