"""A broken bot folder does not start, and each fault is named by file, key and line."""

import shutil
from pathlib import Path

import pytest

from dialogues.bot import load_bot
from dialogues.check import check_folder
from nlu.entity_finder import standard_entities
from nlu.yaml_file import FaultyFileError
from tests.dialogues.talks import FOLDER

QUOTE = "flows/request_quote.yml"
TICKET = "flows/open_ticket.yml"
NEWS = "flows/newsletter.yml"
RATE = "flows/give_feedback.yml"
ORDER = "flows/order_status.yml"

#: file, text in it, what stands there instead, key of the fault, part of its message
FAULTS = [
    (QUOTE, "triggers:", "trigger:", "trigger", "not a key"),
    (QUOTE, "ask: ask_email}", "ask: ask_email, askk: x}", "slots.email.askk", "not a key"),
    (QUOTE, "  - collect: email\n", "  - gather: email\n", "steps.4", "a step is one of"),
    (QUOTE, "{say: big_order}", "{say: nope}", "steps.2.then.0.say", "nope"),
    (QUOTE, "act: open_lead", "act: fly", "steps.7.act", "no action is called 'fly'"),
    (QUOTE, "comment:", "remark:", "steps.7.with.remark", "takes no 'remark'"),
    (QUOTE, "need: \"{quantity} x {product}\", ", "", "steps.7.with", "needs 'need'"),
    (QUOTE, "score: lead", "points: lead", "steps.7.save.points", "returns no 'points'"),
    (QUOTE, "with: {need: \"{quantity}", "with: {need: \"{qty}", "steps.7.with.need", "{qty}"),
    (QUOTE, "Thank you, {company}", "Thank you, {firm}", "responses.quote_done.en", "{firm}"),
    (QUOTE, ", zh: \"请留下邮箱。\"}", "}", "responses.ask_email", "no text in 'zh'"),
    (QUOTE, "zh: 询价}", "de: Preis}", "description", "'de' is not a language"),
    (QUOTE, "ask: ask_email}", "ask: ask_mail}", "slots.email.ask", "'ask_mail'"),
    (QUOTE, "ask: ask_email}", "optional: true}", "slots.email", "needs `ask`"),
    (QUOTE, "slot: quantity, greater", "slot: amount, greater", "steps.2.if.slot", "'amount'"),
    (QUOTE, "greater: 1000", "above: 1000", "steps.2.if.above", "not a key"),
    (QUOTE, "- collect: phone", "- collect: fax", "steps.5.collect", "no slot is called 'fax'"),
    (QUOTE, "[request_quote]", "[buy]", "triggers.0", "no intent is called 'buy'"),
    (QUOTE, "[request_quote]", "[cancel]", "triggers.0", "always means repair"),
    (QUOTE, "triggers: [request_quote]", "triggers: []", "id", "nothing starts this flow"),
    (QUOTE, "entity: product, ask", "entity: colour, ask", "slots.product.entity", "'colour'"),
    (QUOTE, "  - say: quote_done", "  - end: true\n  - say: quote_done", "steps.9", "reaches"),
    (QUOTE, "  - say: quote_done", "  - say: big_order", "responses.quote_done", "no step"),
    (QUOTE, "type: email", "type: mail", "slots.email.type", "Input should be"),
    (QUOTE, "type: email,", "type: choice,", "slots.email", "needs `options`"),
    (QUOTE, "max: 10000", "min: 9, max: 2", "slots.quantity", "nothing fits"),
    (QUOTE, "ask: ask_email}", "ask: ask_email, min_length: 3000}", "slots.email", "nothing fits"),
    ("bot.yml", "09:00-18:00", "29:00-99:00", "desks.service.hours.mon-fri", "match pattern"),
    (TICKET, "zh: 很急", "de: Eilig", "slots.urgency.options.high", "no text in 'zh'"),
    (TICKET, "link: give_feedback", "link: nowhere", "steps.6.link", "'nowhere'"),
    (TICKET, "[report_problem]", "[give_feedback]", "triggers.0", "starts the flow"),
    (ORDER, "hand_off: service", "hand_off: moon", "steps.1.on_failure.1.hand_off", "'moon'"),
    (NEWS, "{end: true}]", "{end: true}, {say: no_news}]", "steps.1.then.2", "reaches"),
    (RATE, '"5": "5"}}\n    zh', '"9": "5"}}\n    zh', "slots.rating.ask", "'9'"),
    ("bot.yml", "name: corner_shop", "name: Corner Shop", "name", "match pattern"),
    ("bot.yml", "time_zone: Europe/London", "time_zone: Mars/Crater", "time_zone", "no time zone"),
    ("bot.yml", "{en: Corner Shop, zh", "{en: Corner Shop, fr", "title", "no text in 'zh'"),
    ("bot.yml", "desks:", "menu: [fly]\ndesks:", "menu.0", "no flow is called 'fly'"),
    ("bot.yml", "languages: [en, zh]", "languages: [en, zh, de]", "languages", "shared response"),
    ("bot.yml", "account: demo,", "acount: demo,", "channels.0.acount", "not a key"),
    ("orders.yml", "eta: 2026-03-09", "eta: soon", "CS-1001.eta", "date"),
]  # fmt: skip


INTENTS = {"request_quote", "report_problem", "order_status", "give_feedback", "news_sign_up"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the test bot to break."""
    return Path(shutil.copytree(FOLDER, tmp_path / "corner_shop"))


@pytest.mark.parametrize(("name", "old", "new", "key", "message"), FAULTS)
def test_each_fault_is_named_by_file_key_and_line(
    folder: Path, name: str, old: str, new: str, key: str, message: str
) -> None:
    """Whatever is wrong, the place and the reason are in the report."""
    path = folder / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))

    with pytest.raises(FaultyFileError) as raised:
        load_bot(folder, intents=INTENTS, entities=standard_entities())
    found = raised.value.faults
    fault = next((f for f in found if f.key == key and message in f.message), None)
    assert fault is not None, "\n".join(map(str, found))
    assert fault.path == path
    first = key.split(".", maxsplit=1)[0]
    lines = path.read_text().splitlines()
    block = next(i for i, line in enumerate(lines, 1) if line.startswith(f"{first}:"))
    assert block <= fault.line <= len(lines)


@pytest.mark.parametrize(
    ("name", "old", "new", "meant"),
    [
        (QUOTE, "triggers:", "trigers:", "triggers"),
        (QUOTE, "act: open_lead", "act: open_leads", "open_lead"),
        (TICKET, "link: give_feedback", "link: give_fedback", "give_feedback"),
        (ORDER, "hand_off: service", "hand_off: servise", "service"),
        (TICKET, "{ticket_number}", "{ticketnumber}", "ticket_number"),
    ],
)
def test_a_misspelt_name_is_told_with_the_one_that_was_meant(
    folder: Path, name: str, old: str, new: str, meant: str
) -> None:
    """A fault says how to mend it."""
    path = folder / name
    path.write_text(path.read_text().replace(old, new, 1))

    with pytest.raises(FaultyFileError) as raised:
        load_bot(folder)
    told = [fault.message for fault in raised.value.faults]
    assert any(message.endswith(f"; did you mean {meant!r}?") for message in told), told


def test_a_name_like_no_other_is_told_without_a_guess(folder: Path) -> None:
    """A wild guess would mislead."""
    path = folder / QUOTE
    path.write_text(path.read_text().replace("act: open_lead", "act: fly", 1))

    with pytest.raises(FaultyFileError) as raised:
        load_bot(folder)
    assert [fault.message for fault in raised.value.faults] == ["no action is called 'fly'"]


def test_an_unreadable_bot_file_is_the_only_fault(folder: Path) -> None:
    """Nothing is blamed that only follows from it."""
    path = folder / "bot.yml"
    path.write_text("name: [unclosed\n" + path.read_text())

    assert [fault.path for fault in check_folder(folder)] == [path]


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("knowledge/returns.en.md", "updated: ", "updated: 2026-02-30 #", "'2026-02-30'"),
        ("bot.yml", "languages: [en, zh]", "languages: [en, klingon]", "no language code"),
        ("bot.yml", "languages: [en, zh]", "languages: [en, no]", "valid string"),
    ],
)
def test_what_only_looks_right_is_a_fault_and_no_crash(
    folder: Path, name: str, old: str, new: str, message: str
) -> None:
    """A date or language that does not exist is named with its place."""
    path = folder / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))

    found = check_folder(folder)
    assert [fault.path for fault in found] == [path]
    assert message in found[0].message
    assert path.read_text().splitlines()[found[0].line - 1].startswith(new.partition(":")[0])


def test_a_file_that_is_not_read_is_a_fault(folder: Path) -> None:
    """A flow called .yaml would be gone without a word."""
    (folder / "flows/newsletter.yml").rename(folder / "flows/newsletter.yaml")

    assert any(
        fault.path.name == "newsletter.yaml" and "name it newsletter.yml" in fault.message
        for fault in check_folder(folder)
    )


def test_all_faults_are_reported_at_once(folder: Path) -> None:
    """A company mends its bot in one go."""
    for name, old, new in (
        (QUOTE, "act: open_lead", "act: fly"),
        (TICKET, "link: give_feedback", "link: nowhere"),
        (ORDER, "hand_off: service", "hand_off: moon"),
    ):
        path = folder / name
        path.write_text(path.read_text().replace(old, new, 1))

    with pytest.raises(FaultyFileError) as raised:
        load_bot(folder)
    assert len({fault.path for fault in raised.value.faults}) == 3


def test_flows_that_link_in_a_circle_without_asking_are_refused(folder: Path) -> None:
    """Two flows that only send each other round would never wait."""
    for name, other in (("one", "two"), ("two", "one")):
        (folder / f"flows/{name}.yml").write_text(
            f"id: {name}\ndescription: {{en: x, zh: x}}\nsteps: [{{link: {other}}}]\n"
        )
    with pytest.raises(FaultyFileError) as raised:
        load_bot(folder)
    assert [f.message for f in raised.value.faults] == [
        "leads back to this flow without asking anything"
    ] * 2


def test_a_slot_may_take_an_entity_that_only_examples_show(folder: Path) -> None:
    """What is annotated is learnt, so a flow may ask for it."""
    flow, intents = folder / QUOTE, folder / "intents" / "colours.yml"
    text = flow.read_text(encoding="utf-8")
    flow.write_text(text.replace("entity: product, ask", "entity: colour, ask"), encoding="utf-8")
    assert any("'colour'" in fault.message for fault in check_folder(folder))
    intents.write_text(
        'version: "3.1"\nnlu:\n- intent: request_quote\n  examples: |\n'
        "    - how much is a [green](colour) kettle\n    - [绿色](colour)的壶怎么卖\n"
        "    - what would a [red](colour) one cost\n    - [红色](colour)的怎么卖\n",
        encoding="utf-8",
    )

    assert not any("'colour'" in fault.message for fault in check_folder(folder))


def test_a_flow_without_a_conversation_is_a_fault(folder: Path) -> None:
    """Every flow of a bot is tested by the bot."""
    (folder / "conversations/request_quote.yml").unlink()

    found = [str(fault) for fault in check_folder(folder)]
    assert len(found) == 1
    assert "flows/request_quote.yml:1: id: no conversation tests this flow" in found[0]


def test_the_test_bot_has_no_faults() -> None:
    """A clean folder passes."""
    assert check_folder(FOLDER) == []


def test_a_bot_overrides_shared_flows_and_texts_by_name(folder: Path) -> None:
    """Repair is ordinary data."""
    (folder / "responses.yml").write_text("greet: {en: Ahoy, zh: 嗨}\n")
    (folder / "flows/repair_cancel.yml").write_text(
        "id: repair_cancel\ndescription: {en: x, zh: x}\nsteps: [{say: bye}]\n"
        "responses: {bye: {en: Gone, zh: 没了}}\n"
    )
    bot = load_bot(folder)

    assert bot.responses["greet"].variants["en"][0].text == "Ahoy"
    assert bot.flows["repair_cancel"].responses["bye"].variants["en"][0].text == "Gone"


def test_the_hash_names_the_content(folder: Path) -> None:
    """Any change to a file is another hash; nothing else is."""
    before = load_bot(folder).hash
    assert load_bot(folder).hash == before
    path = folder / QUOTE
    path.write_text(path.read_text() + "\n")
    assert load_bot(folder).hash != before
