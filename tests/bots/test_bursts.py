"""Bursts: what is written in one go is one turn, whatever happens, and costs nothing when off."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bots import bursts
from bots.bursts import CHARACTERS_MAX, MESSAGES_MAX, PATIENCE, gather
from channels.messages import (
    Address,
    Choice,
    InboundContent,
    InboundMessage,
    Media,
    Notice,
    Sender,
    Text,
)
from crm_store import inbox
from crm_store.inbox import Undone
from dialogues.bot import BotFile, load_bot
from nlu.yaml_file import FaultyFileError
from tests.builders import MONDAY, an_address
from tests.dialogues.talks import FOLDER

ADA = an_address("ada")
SECOND = timedelta(seconds=1)
QUIET = {"default": SECOND}


def items(
    *said: str | InboundContent,
    every: timedelta = timedelta(milliseconds=100),
    address: Address = ADA,
    owner: str = "bot",
    senders: Sequence[str] = (),
) -> list[Undone]:
    """Return one conversation's undone items, one after the other in time."""
    return [
        Undone(
            conversation_id=address.conversation_id,
            seq=number,
            message=InboundMessage(
                external_id=f"m{number}",
                address=address,
                sender=Sender(id=senders[number - 1] if senders else "ada"),
                content=Text(text=what) if isinstance(what, str) else what,
                sent_at=MONDAY,
            ),
            attempts=0,
            received_at=MONDAY + every * (number - 1),
            language="en",
            owner=owner,
        )
        for number, what in enumerate(said, start=1)
    ]


def taken(found: Sequence[Undone], *, at: datetime = MONDAY + 60 * SECOND) -> list[list[int]]:
    """Return the numbers taken as one, in order, when all is quiet."""
    return [[m.seq for m in item.members] for item in gather(found, QUIET, now=at).ready]


def test_texts_in_a_row_are_one_and_anything_else_ends_them() -> None:
    """Presses, notices and pictures are turns of their own, and texts do not reach across."""
    press, notice = Choice(value="yes"), Notice(name="opened")
    picture = Media(url="https://shop.example/1.jpg", mime="image/jpeg")

    assert taken(items("hi", "my order", "is late")) == [[1, 2, 3]]
    assert taken(items("hi", press, "my order", "is late")) == [[1], [2], [3, 4]]
    assert taken(items("hi", "there", notice)) == [[1, 2], [3]]
    assert taken(items(picture, "it", "leaks", picture)) == [[1], [2, 3], [4]]
    assert taken(items("a", "b", "c", senders=["ada", "bob", "bob"])) == [[1], [2, 3]]


def test_a_burst_is_understood_as_one_text_with_line_breaks() -> None:
    """The last message stands for all, with the words of all; the stored ones stay as they are."""
    [item] = gather(items("hi", "my order", "is late"), QUIET, now=MONDAY + 60 * SECOND).ready

    assert item.message.content == Text(text="hi\nmy order\nis late")
    assert item.seq == 3
    assert [m.message.content for m in item.burst] == [
        Text(text="hi"),
        Text(text="my order"),
        Text(text="is late"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        *("My order is late.", "Really?", "Help!", "我的订单还没到。", "怎么退货？", "快点！"),
        *("(It leaks.)", "He said “no.”", "Thanks! 😊", "MK-204518.", "Where is it ?  "),
    ],
)
def test_a_whole_sentence_does_not_wait(text: str) -> None:
    """A text that ends with the mark of a sentence is taken at once, and ends a burst."""
    assert taken(items(text), at=MONDAY) == [[1]]
    assert taken(items("hi", text, "and")) == [[1, 2], [3]]


@pytest.mark.parametrize("text", ["hi", "well...", "嗯。。。", "my order, ", "1.5 kg", "a.b", "…"])
def test_a_text_that_seems_to_go_on_waits(text: str) -> None:
    """Without a mark, or with dots that trail off, more is expected."""
    gathered = gather(items(text), QUIET, now=MONDAY)

    assert gathered.ready == []
    assert gathered.ripe_at == MONDAY + SECOND


def test_presses_pictures_and_notices_do_not_wait() -> None:
    """Only texts can be the beginning of more."""
    for content in (
        Choice(value="yes"),
        Notice(name="opened"),
        Media(url="https://shop.example/1.jpg", mime="image/jpeg"),
    ):
        assert taken(items(content), at=MONDAY) == [[1]]


def test_the_pause_counts_from_the_newest_and_is_bounded_from_the_oldest() -> None:
    """A customer who types on and on is answered after three quiet times."""
    slow = items("a", "b", every=timedelta(milliseconds=800))
    assert gather(slow, QUIET, now=MONDAY + 1.7 * SECOND).ripe_at == MONDAY + 1.8 * SECOND
    assert gather(slow, QUIET, now=MONDAY + 1.8 * SECOND).ripe_at is None

    on_and_on = items("a", "b", "c", "d", every=timedelta(milliseconds=900))
    assert gather(on_and_on, QUIET, now=MONDAY + 2.9 * SECOND).ripe_at == MONDAY + 3 * SECOND
    assert taken(on_and_on, at=MONDAY + PATIENCE * SECOND) == [[1, 2, 3, 4]]


def test_a_pause_ends_a_burst_however_late_it_is_worked() -> None:
    """After an hour without a worker the turns are those that would have been taken in time."""
    later = MONDAY + timedelta(hours=1)
    found = items("hi", "my order", "is late", "thanks")
    found[2:] = [
        replace(item, received_at=item.received_at + timedelta(minutes=5)) for item in found[2:]
    ]
    assert taken(found, at=later) == [[1, 2], [3, 4]]
    on_and_on = items(*"abcdef", every=timedelta(milliseconds=900))
    assert taken(on_and_on, at=later) == [[1, 2, 3, 4], [5, 6]]


def test_a_clock_that_is_ahead_delays_nobody() -> None:
    """A message received in the future of this process is not waited for."""
    assert taken(items("hi"), at=MONDAY - timedelta(hours=1)) == [[1]]


def test_bursts_are_bounded() -> None:
    """Neither more messages nor more words than a person says in one go are taken as one."""
    many = items(*("a" * (MESSAGES_MAX + 3)))
    assert taken(many[:MESSAGES_MAX], at=MONDAY) == [list(range(1, MESSAGES_MAX + 1))]
    long = items("x" * 900, "y" * 900, "z" * 900)
    assert taken(long) == [[1, 2], [3]]
    for item in gather(long, QUIET, now=MONDAY + 60 * SECOND).ready:
        content = item.message.content
        assert isinstance(content, Text)
        assert len(content.text) <= CHARACTERS_MAX
    assert taken(items("x" * CHARACTERS_MAX, "y"), at=MONDAY) == [[1]]


def test_what_the_look_cannot_show_whole_is_left_for_the_next_look() -> None:
    """Texts behind a press, cut by the size of a look, are not answered by halves."""
    cut = items(Choice(value="yes"), *("t" * (MESSAGES_MAX - 1)))

    assert taken(cut) == [[1]]
    assert taken(cut[1:]) == [list(range(2, MESSAGES_MAX + 1))]


def test_people_and_suspects_get_message_by_message() -> None:
    """While a person has the conversation, or a message failed before, nothing waits or joins."""
    for owner in ("queue", "staff"):
        assert taken(items("a", "b", owner=owner), at=MONDAY) == [[1], [2]]
    found = items("a", "b", "c")
    assert taken([found[0], replace(found[1], attempts=1), found[2]], at=MONDAY) == [[1], [2], [3]]


def test_channels_have_their_own_quiet_time() -> None:
    """One of zero switches bursts off; what is not named has the default."""
    quiet = {"default": SECOND, "webchat": timedelta(0)}
    other = an_address("bob", channel="webchat")

    gathered = gather(items("a", "b") + items("c", "d", address=other), quiet, now=MONDAY)

    assert [(i.conversation_id, i.seq) for i in gathered.ready] == [
        (other.conversation_id, 1),
        (other.conversation_id, 2),
    ]
    assert gather(items("a", "b"), {}, now=MONDAY).ripe_at is None


@given(
    st.lists(st.sampled_from(["a", "b c.", "x" * 700, "press", "", "?"]), max_size=8),
    st.floats(0, 8),
)
def test_grouping_loses_and_reorders_nothing(said: list[str], seconds: float) -> None:
    """Whatever was written and whenever one looks: a prefix of it, in order, each item once."""
    found = items(*(Choice(value=s) if s == "press" else s or "-" for s in said))

    numbers = [seq for group in taken(found, at=MONDAY + seconds * SECOND) for seq in group]

    assert numbers == list(range(1, len(numbers) + 1))


def looks(found: list[Undone], *, at: datetime) -> tuple[list[list[int]], list[Undone]]:
    """Return the groups that looks at this time take, one after the other, and what is left."""
    groups: list[list[int]] = []
    while ready := gather(found[:MESSAGES_MAX], QUIET, now=at).ready:
        taken_now = [[m.seq for m in item.members] for item in ready]
        groups += taken_now
        found = found[sum(map(len, taken_now)) :]
    return groups, found


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["hi", "my order", "is late.", "press", "x" * 900, "well..."]),
            st.sampled_from([0, 10, 130, 450, 770, 990, 1010, 5000]),
        ),
        max_size=24,
    )
)
@settings(max_examples=400)
def test_bursts_are_the_same_whenever_one_looks(said: list[tuple[str, int]]) -> None:
    """A worker that always looks in time and one that comes much later take the same turns."""
    clock, found = MONDAY, items(*(Choice(value=t) if t == "press" else t for t, _ in said))
    for index, (_, gap) in enumerate(said):
        clock += timedelta(milliseconds=gap)
        found[index] = replace(found[index], received_at=clock)
    in_time: list[list[int]] = []
    undone: list[Undone] = []
    for item in [*found, None]:
        # Until the next message comes, it looks whenever something is ripe.
        until = item.received_at if item is not None else clock + 60 * SECOND
        while undone:
            seen_at = undone[-1].received_at
            ripe_at = gather(undone[:MESSAGES_MAX], QUIET, now=seen_at).ripe_at
            if ripe_at is None or ripe_at >= until:
                break
            groups, undone = looks(undone, at=ripe_at)
            in_time += groups
        if item is not None:
            groups, undone = looks([*undone, item], at=item.received_at)
            in_time += groups

    late, left = looks(found, at=clock + 60 * SECOND)

    assert left == undone == []
    assert in_time == late


def test_quiet_times_are_checked() -> None:
    """A quiet time is of a channel the bot has, and no longer than a customer waits."""
    base: dict[str, Any] = {
        "name": "b",
        "title": {"en": "B"},
        "description": {"en": "B"},
        "languages": ["en"],
        "desks": {"service": {"hours": {"mon-fri": "09:00-18:00"}}},
        "channels": [{"channel": "webchat", "account": "demo"}],
    }
    file = BotFile.model_validate({**base, "quiet": {"default": "0s", "webchat": "800ms"}})
    assert file.quiet == {"default": timedelta(0), "webchat": timedelta(milliseconds=800)}
    assert file.model_dump(mode="json")["quiet"] == {"default": "0s", "webchat": "800ms"}

    for wrong, words in (
        ({"wechat": "1s"}, "did you mean 'webchat'"),
        ({"default": "6s"}, "at most 5s"),
        ({"default": "1 fortnight"}, "ms, s, m, h or d"),
        ({"default": 1}, "ms, s, m, h or d"),
    ):
        with pytest.raises(ValueError, match=words):
            BotFile.model_validate({**base, "quiet": wrong})


def test_a_burst_never_needs_more_than_one_look_shows() -> None:
    """Its bound is that of a look, so that no look sees half of a burst it must take."""
    assert bursts.MESSAGES_MAX <= inbox.PER_CONVERSATION


def test_a_wrong_quiet_time_is_named_by_file_key_and_line(tmp_path: Path) -> None:
    """Whoever misspells a channel or asks for a fortnight is told where."""
    for wrong, key, words in (
        ("{wechat: 1s}", "quiet", "did you mean 'webchat'"),
        ("{default: 9s}", "quiet.default", "at most 5s"),
    ):
        folder = tmp_path / key
        shutil.copytree(FOLDER, folder)
        lines = (folder / "bot.yml").read_text(encoding="utf-8").splitlines()
        (folder / "bot.yml").write_text("\n".join([*lines, f"quiet: {wrong}"]), encoding="utf-8")

        with pytest.raises(FaultyFileError) as raised:
            load_bot(folder)

        [fault] = raised.value.faults
        assert (fault.path.name, fault.line, fault.key) == ("bot.yml", len(lines) + 1, key)
        assert words in fault.message
