"""What `conversations/*.yml` may state, and what becomes of each slip in it."""

from pathlib import Path

import pytest

from dialogues.case_references import Names
from dialogues.cases import read_cases
from dialogues.conversation_tests import CaseResult, run_conversations
from nlu.yaml_file import FaultyFileError
from tests.dialogues.talks import FOLDER, corner_shop, interpreter_of, search


def results(folder: Path, text: str, *, fixtures: str = "") -> list[CaseResult]:
    """Talk the conversations in `text` through with the test bot."""
    (folder / "conversations").mkdir(exist_ok=True)
    (folder / "conversations/x.yml").write_text(text, encoding="utf-8")
    if fixtures:
        (folder / "conversations/fixtures.yml").write_text(fixtures, encoding="utf-8")
    return list(
        run_conversations(
            corner_shop(),
            interpreter=interpreter_of(FOLDER),
            search=search,
            cases=read_cases(folder),
        )
    )


def passes(folder: Path, text: str, *, fixtures: str = "") -> list[str]:
    """Return the names of the cases, all of which hold."""
    found = results(folder, text, fixtures=fixtures)
    assert [str(result) for result in found if not result.passed] == []
    return [result.name for result in found]


def failures(folder: Path, text: str) -> str:
    """Return what the cases say that do not hold."""
    return "\n".join(str(result) for result in results(folder, text))


EVERY_KEY = """
- name: everything that can be expected
  language: en
  turns:
    - user: quote for 200 kettles
      expect:
        flow: request_quote
        stack: [request_quote]
        starts: request_quote
        ends: []
        asks: company
        says: ask_company
        not_says: [big_order, answer]
        text: For which
        not_text: [kettle, 水壶]
        matches: ['^For which \\w{3,10}\\?$']
        not_matches: '\\d'
        shows: For which company?
        slots: {quantity: 200, product: kettle}
        has_slots: [need]
        no_slots: [company, email]
        commands: [start_flow]
        intent: request_quote
        language: en
        entities: {product: kettle}
        timeline: [message_received, message_sent]
        outcome: answered
        silent: false
        near: false
        lead: null
        ticket: false
    - user: how do I return a product
      expect: {article: returns, options: [human], asks: company, commands: AnswerQuestion}
    - user: Acme Ltd
      expect: {commands: FillSlot, slots: {company: Acme Ltd}}
    - user: a@acme.example
      expect: {options: [Skip, skip], asks: phone}
    - press: Skip
      expect: {ends: request_quote, flow: null, stack: [], acts: [learn_customer, open_lead],
               lead: qualified, timeline: [customer_changed, lead_opened]}
    - user: send me news
      expect: {options: ["yes", "no"], not_options: [maybe]}
    - press: "yes"
    - user: Ann
      expect: {consent: {marketing: true}, ends: [newsletter]}
    - user: I want a quote
    - user: never mind
      expect: {cancels: request_quote, commands: cancel_flow}
    - user: a person please
      expect: {hand_off: service, outcome: handed_over}
    - user: hello?
    - user: anybody?
      expect: {silent: true, outcome: handed_over}
"""


def test_everything_that_can_be_expected_holds(tmp_path: Path) -> None:
    """Each key of `expect` reads what a real conversation brought."""
    passes(tmp_path, EVERY_KEY)


WRONG = {
    "stack: [open_ticket]": "stack: expected [open_ticket], but it was [request_quote]",
    "starts: newsletter": "starts: expected [newsletter], but it was [request_quote]",
    "ends: request_quote": "ends: expected [request_quote], but it was []",
    "cancels: request_quote": "cancels: expected [request_quote], but it was []",
    "asks: email": "asks: expected email, but it was company",
    "not_text: which": "not_text: expected which in no reply, but it was ['For which company?']",
    "matches: ['^which']": "matches: expected ^which in a reply",
    "not_matches: 'w.ich'": "not_matches: expected w.ich in no reply",
    "shows: '1. Yes'": "shows: expected 1. Yes in a reply",
    "not_shows: company": "not_shows: expected company in no reply",
    "options: skip": "options: expected skip among them, but it was []",
    "has_slots: email": "has_slots.email: expected a value",
    "no_slots: quantity": "no_slots.quantity: expected no value, but it was 200",
    "commands: cancel_flow": "commands: expected [CancelFlow], but it was [StartFlow]",
    "acts: open_lead": "acts: expected [open_lead], but it was []",
    "consent: {marketing: true}": "consent.marketing: expected true, but it was without a value",
    "timeline: [lead_opened]": "timeline: expected [lead_opened], but it was [message_received",
    "outcome: recorded": "outcome: expected recorded, but it was answered",
    "silent: true": "silent: expected true, but it was false",
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_does_not_hold_is_told(tmp_path: Path, wrong: str) -> None:
    """Each expectation can fail, with what came instead."""
    text = f"- name: x\n  turns: [{{user: quote for 200 kettles, expect: {{{wrong}}}}}]\n"

    assert WRONG[wrong] in failures(tmp_path, text)


def test_one_case_is_run_for_each_value(tmp_path: Path) -> None:
    """`{it}` stands for the value, `{it.key}` for a part of it; a lone one keeps its kind."""
    names = passes(
        tmp_path,
        """
- name: a quantity
  for: [{words: 5 kettles, count: 5}, {words: 30 cups, count: 30}]
  turns:
    - user: "quote for {it.words}"
      expect: {slots: {quantity: "{it.count}"}}
- name: greeting with {it}
  for: [hello, 你好]
  turns: [{user: "{it}", expect: {says: [greet]}}]
""",
    )

    assert names == [
        "a quantity [5 kettles, 5]",
        "a quantity [30 cups, 30]",
        "greeting with hello",
        "greeting with 你好",
    ]


def test_a_press_is_typed_as_a_number_where_there_are_no_buttons(tmp_path: Path) -> None:
    """On every channel the option is taken; its number is seen where it must be typed."""
    names = passes(
        tmp_path,
        """
- name: urgent
  channels: [webchat, telegram, slack, console]
  turns:
    - user: I have a problem
    - user: the lid is broken
      expect: {options: [Can wait, Urgent], shows: How urgent?}
    - press: Urgent
      expect: {slots: {urgency: high}, asks: email}
- name: numbered
  channel: wechat
  turns:
    - user: I have a problem
    - user: the lid is broken
      expect: {shows: "1. Can wait\\n2. Urgent"}
    - press: high
      expect: {slots: {urgency: high}, timeline: message_received}
- name: buttons
  channel: telegram
  turns:
    - user: I have a problem
    - user: the lid is broken
      expect: {shows: "[Can wait] [Urgent]", not_shows: "1."}
""",
    )

    assert names[:4] == [f"urgent ({c})" for c in ("webchat", "telegram", "slack", "console")]
    found = results(tmp_path, (tmp_path / "conversations/x.yml").read_text())
    said = {result.name: result.turns[-1].said for result in found}
    assert said["urgent (webchat)"] == "[Urgent]"
    assert said["urgent (console)"] == said["numbered"] == "2"


def test_the_crm_knows_what_a_case_says(tmp_path: Path) -> None:
    """Facts of the customer, learnt so long ago, are there from the first turn."""
    passes(
        tmp_path,
        """
- name: known
  customer: {name: Ann, email: {value: ann@home.example, learnt_ago: 300d, verified: true}}
  clock: 2026-07-01T23:30:00+08:00
  turns:
    - user: send me news
    - user: "yes"
      expect: {says: [news_done], text: Ann, ends: newsletter}
""",
    )


def test_actions_go_as_a_case_says(tmp_path: Path) -> None:
    """A stubbed action returns or fails as told, call by call; the last outcome is repeated."""
    passes(
        tmp_path,
        """
- name: stubbed
  stubs:
    look_up_order: [{result: {status: on the moon}}, {error: timeout}]
  turns:
    - user: where is my order CS-7777
      expect: {says: [order_found_no_date], text: on the moon, acts: [look_up_order]}
    - user: where is my order CS-7777
      expect: {says: [unknown_order], hand_off: service}
""",
    )


def test_fixtures_are_shared(tmp_path: Path) -> None:
    """What fixtures say holds as long as the case itself does not say otherwise."""
    passes(
        tmp_path,
        """
- name: with both
  fixtures: [ann, on_wechat]
  turns:
    - user: send me news
      expect: {shows: "1. Yes"}
    - user: "yes"
      expect: {says: [news_done]}
- name: its own
  fixtures: [ann, on_wechat]
  channel: webchat
  turns:
    - user: send me news
      expect: {shows: "[Yes] [No]"}
""",
        fixtures="ann: {customer: {name: Ann}}\non_wechat: {channel: wechat}\n",
    )


def test_everything_that_can_happen_happens(tmp_path: Path) -> None:
    """Pictures, places, phone numbers, notices, bursts and time are turns too."""
    passes(
        tmp_path,
        """
- name: happenings
  turns:
    - media: {url: "https://cdn.example/1.png", mime: image/png}
      expect: {says: [received_media], commands: acknowledge, outcome: recorded}
    - location: {latitude: 51.5, longitude: -0.1}
      expect: {says: [received_location]}
    - contact: {phone: "+442079460018", verified: true}
      expect: {says: [received_phone], timeline: [customer_changed]}
    - notice: {name: opened}
      expect: {silent: true, timeline: [notice_received]}
    - burst: [I want a quote, for 5 kettles]
      expect: {starts: request_quote, slots: {quantity: 5}}
    - wait: 2d
      expect: {silent: true, flow: request_quote, language: null}
""",
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- {name: x, turn: [{user: a}]}", "0.turn: is not a key .* did you mean 'turns'"),
        ("- {name: x, customer: {nme: A}, turns: [{user: a}]}", "customer.nme: .*'name'"),
        (
            "- {name: x, customer: {name: {valeu: A}}, turns: [{user: a}]}",
            "name.valeu: .*'value'",
        ),
        ("- {name: x, turns: [{user: a, expects: {}}]}", "did you mean 'expect'"),
        ("- {name: x, turns: [{user: a, wait: 5m}]}", "exactly one of `user`"),
        ("- {name: x, turns: [{wait: soon}]}", "e.g. 10m"),
        ("- {name: x, turns: [{press: yes}]}", "put it in quotes"),
        ("- {name: x, turns: [{burst: []}]}", "at least one message"),
        ("- {name: x, turns: [{notice: {nme: opened}}]}", "notice.nme: .*'name'"),
        ("- {name: x, channel: wechatt, turns: [{user: a}]}", "did you mean 'wechat'"),
        ("- {name: x, channels: [webchat, tele], turns: [{user: a}]}", "no channel is called"),
        (
            "- {name: x, channel: slack, channels: [slack], turns: [{user: a}]}",
            "either `channel` or",
        ),
        ("- {name: x, for: [], turns: [{user: a}]}", "0.for: must be a list"),
        ("- {name: x, clock: 2026-03-02T09:00:00, turns: [{user: a}]}", "no time zone"),
        ("- {name: x, stubs: {look_up_order: [{}]}, turns: [{user: a}]}", "`result` or `error`"),
        ("- {name: x, fixtures: [bob], turns: [{user: a}]}", "no fixture is called 'bob'"),
        ("- {name: x, turns: [{user: a, expect: {commands: strt_flow}}]}", "'start_flow'"),
        ("- {name: x, turns: [{user: a, expect: {outcome: answred}}]}", "'answered'"),
        ("- {name: x, turns: [{user: a, expect: {matches: '(a'}}]}", "is not valid"),
        ("- {name: x, turns: [{user: a, expect: {matches: '(?=a)b'}}]}", "RE2 has not"),
        ("name: x", "must be a list of cases"),
        ("- x", "must be a case"),
    ],
)
def test_a_slip_is_named(tmp_path: Path, text: str, message: str) -> None:
    """What a file may not state is a fault with file, line, key and how to mend it."""
    (tmp_path / "conversations").mkdir()
    (tmp_path / "conversations/x.yml").write_text(text)

    with pytest.raises(FaultyFileError, match=rf"x\.yml:1: .*{message}"):
        read_cases(tmp_path)


@pytest.mark.parametrize(
    ("expect", "message"),
    [
        ("not_says: [ask_compny]", "no response is called 'ask_compny'; did you mean 'ask_comp"),
        ("flow: request_quot", "no flow is called 'request_quot'"),
        ("stack: [nothing]", "no flow is called 'nothing'"),
        ("asks: companie", "no slot is called 'companie'"),
        ("no_slots: fax", "no slot is called 'fax'"),
        ("slots: {fax: 1}", "no slot is called 'fax'"),
        ("acts: open_leed", "did you mean 'open_lead'"),
        ("hand_off: sale", "no desk is called 'sale'; did you mean 'sales'"),
        ("article: retruns", "did you mean 'returns'"),
        ("intent: gret", "did you mean 'greet'"),
        ("language: fr", "no language is called 'fr'"),
    ],
)
def test_a_name_the_bot_does_not_have_is_a_fault(
    tmp_path: Path, expect: str, message: str
) -> None:
    """A misspelt name in a test would wait for what can never come, or never fail."""
    (tmp_path / "conversations").mkdir()
    path = tmp_path / "conversations/x.yml"
    path.write_text(f"- name: x\n  turns:\n    - user: a\n      expect: {{{expect}}}\n")
    names = Names.of(corner_shop(), articles=["returns"], intents=["greet"])

    (fault,) = names.faults(read_cases(tmp_path))

    key = expect.partition(":")[0]
    assert str(fault).startswith(f"{path}:3: turns.0.expect.{key}: x: ")
    assert message in fault.message
