"""A flow with a mistake is refused, and the mistake is named by file, key, line and in words."""

# ruff: noqa: E501 - a row of the table is one mistake

from collections.abc import Mapping
from pathlib import Path

import pytest

from dialogues.bot import load_bot
from nlu.entity_finder import standard_entities
from nlu.yaml_file import FaultyFileError
from tests.dialogues.small_bots import BOT, folder_of

MAIN = """\
triggers: [ask_something]
slots:
  problem: {type: text, ask: ask, min_length: 3}
  code: {type: text, ask: ask, pattern: "[A-Z]{3}[0-9]{4}", form: upper}
  day: {type: date, ask: ask, future: true}
  amount: {type: number, ask: ask, min: 1, max: 9}
  agreed: {type: boolean, ask: ask}
  rating: {type: rating, ask: ask}
  product: {type: entity, entity: product, ask: ask}
  urgency:
    type: choice
    ask: ask
    options: {low: {en: Low, zh: 不急}, high: {en: High, zh: 很急}}
steps:
  - id: first
    collect: problem
    give_up: [{say: bye}, {end: true}]
  - collect: urgency
  - switch: urgency
    cases:
      low: [{say: bye}]
      high: [{collect: agreed}]
  - collect: agreed
  - switch: agreed
    cases: {yes: [{say: bye}], no: [{say: bye}]}
  - if: {slot: amount, greater: 5}
    then: [{say: bye}]
    else: [{say: bye}]
  - if: {all: [{slot: urgency, is: low}, {not: {slot: urgency, in: [high]}}]}
    then: [{say: bye}]
  - if: {language: en}
    then: [{say: bye}]
  - if: {channel: webchat}
    then: [{say: bye}]
  - if: {open: service}
    then: [{say: bye}]
  - if: {tier: gold}
    then: [{say: bye}]
  - set: {amount: 3, note: "about {problem}", urgency: low}
  - id: chosen
    choose: colour
    ask: ask
    options: {red: {en: Red, zh: 红}, blue: {en: Blue, zh: 蓝}}
    then:
      red: [{say: bye}]
      blue: []
  - search: "{problem}"
    found: [{say: bye}]
  - act: open_ticket
    with: {subject: "{problem}", description: "{note}"}
    save: {number: ticket}
  - call: part
    with: {size: "{amount}", kind: big}
    save: {result: found}
  - if: {slot: found, known: true}
    then: [{link: rest}]
    else: [{hand_off: service}]
responses:
  ask: {en: "Say?", zh: "说？"}
  bye:
    en: ["Bye {problem|or:you}.", {text: "Bye.", channel: webchat}]
    zh: "再见{day|date}"
"""
PART = """\
renamed: {flow: [piece], slots: {length: size}, steps: {old_step: ask_size}}
slots:
  size: {type: number, ask: ask_size}
  kind: {type: choice, ask: ask_size, options: {big: {en: Big, zh: 大}, small: {en: Small, zh: 小}}}
steps:
  - id: ask_size
    collect: size
  - collect: kind
  - set: {result: "{size} {kind}"}
responses:
  ask_size: {en: "Size?", zh: "大小？"}
"""
REST = """\
slots:
  rating: {type: rating, ask: ask_rating}
steps:
  - collect: rating
  - say: done
responses:
  ask_rating: {en: "Stars?", zh: "几星？"}
  done: {en: "Thanks.", zh: "谢谢。"}
"""
FLOWS = {"main": MAIN, "part": PART, "rest": REST}

#: flow, text in it, what stands there instead, key of the fault, part of its message
FAULTS = [
    # names of things that do not exist
    ("main", "collect: problem", "collect: problm", "steps.0.collect", "did you mean 'problem'?"),
    ("main", "- switch: urgency", "- switch: urgence", "steps.2.switch", "no slot is called"),
    ("main", "{slot: found, known", "{slot: fund, known", "steps.16.if.slot", "called 'fund'"),
    ("main", "{hand_off: service}", "{hand_off: moon}", "steps.16.else.0.hand_off", "no desk"),
    ("main", "{open: service}", "{open: servise}", "steps.9.if.open", "did you mean 'service'?"),
    ("main", "call: part", "call: parts", "steps.15.call", "did you mean 'part'?"),
    ("main", "call: part", "call: repair_cancel", "steps.15.call", "no flow is called"),
    ("main", "{link: rest}", "{link: test}", "steps.16.then.0.link", "did you mean 'rest'?"),
    ("main", "act: open_ticket", "act: open_tiket", "steps.14.act", "mean 'open_ticket'?"),
    ("main", "found: [{say: bye}", "found: [{say: by}", "steps.13.found.0.say", "mean 'bye'?"),
    ("main", "low: [{say: bye}]", "low: [{say: by}]", "steps.2.cases.low.0.say", "mean 'bye'?"),
    ("main", "red: [{say: bye}]", "red: [{say: by}]", "steps.12.then.red.0.say", "mean 'bye'?"),
    ("main", "give_up: [{say: bye}", "give_up: [{say: by}", "steps.0.give_up.0.say", "'bye'?"),
    ("main", "    ask: ask\n    options: {red", "    ask: a\n    options: {red", "steps.12.ask", "'a'"),
    ("main", "type: date, ask: ask", "type: date, ask: ask, why: wy", "slots.day.why", "'wy'"),
    ("main", "{language: en}", "{language: fr}", "steps.7.if.language", "'fr' is not a language"),
    ("main", "{channel: webchat}", "{channel: webchta}", "steps.8.if.channel", "'webchat'?"),
    ("main", "{tier: gold}", '{tier: [" "]}', "steps.10.if.tier", "an empty word"),
    ("main", "entity: product", "entity: produkt", "slots.product.entity", "mean 'product'?"),
    # values that a slot cannot have
    ("main", "{slot: amount, greater", "{slot: problem, greater", "steps.5.if.greater", "of type text"),
    ("main", "{slot: urgency, is: low}", "{slot: urgency, is: lo}", "steps.6.if.all.0.is", "'low'?"),
    ("main", "in: [high]", "in: [higher]", "steps.6.if.all.1.not.in.0", "none of its options"),
    ("main", "{slot: amount, greater: 5}", "{slot: agreed, is: 5}", "steps.5.if.is", "true or false"),
    ("main", "{slot: amount, greater: 5}", "{slot: amount, is: five}", "steps.5.if.is", "a number"),
    ("main", "{slot: amount, greater: 5}", "{slot: rating, is: 6}", "steps.5.if.is", "from 1 to 5"),
    ("main", "{slot: amount, greater: 5}", "{slot: day, is: soon}", "steps.5.if.is", "a date such"),
    ("main", "{slot: amount, greater: 5}", "{slot: product, is: pot}", "steps.5.if.is", "values of product"),
    ("main", "set: {amount: 3", "set: {amount: three", "steps.11.set.amount", "a number"),
    ("main", "set: {amount: 3", 'set: {amount: "{problem}"', "steps.11.set.amount", "of problem"),
    ("main", "set: {amount: 3", 'set: {amount: "{rating} x"', "steps.11.set.amount", "a text"),
    ("main", 'problem}", urgency: low}', 'problem}", urgency: mid}', "steps.11.set.urgency", "options"),
    ("main", '"about {problem}"', "[a, b]", "steps.11.set.note", "a value is a text"),
    ("main", '"about {problem}"', '"about {trouble}"', "steps.11.set.note", "{trouble} is no slot"),
    ("main", "with: {size: ", "with: {sise: ", "steps.15.with.sise", "part has no slot 'sise'"),
    ("main", "kind: big}", "kind: huge}", "steps.15.with.kind", "none of its options"),
    ("main", '{size: "{amount}"', '{size: "{agreed}"', "steps.15.with.size", "of type boolean"),
    ("main", "save: {result: found}", "save: {resul: found}", "steps.15.save.resul", "no slot"),
    # keys that say nothing about a type
    ("main", "day: {type: date", "day: {type: text", "slots.day.future", "of type text"),
    ("main", "type: text, ask: ask, min_length: 3", "type: text, ask: ask, min: 3", "slots.problem.min", "says nothing"),
    ("main", "min: 1, max: 9", 'pattern: "[0-9]"', "slots.amount.pattern", "of type number"),
    ("main", "min: 1, max: 9", "form: upper", "slots.amount.form", "of type number"),
    ("main", "min: 1, max: 9", "fact: email", "slots.amount.fact", "customer's email"),
    ("main", "min: 1, max: 9", "fresh: 30d", "slots.amount.fresh", "without `fact`"),
    ("main", "[A-Z]{3}[0-9]{4}", "([a-z]+)+", "slots.code.pattern", "repeats a repetition"),
    ("main", "[A-Z]{3}[0-9]{4}", "[A-Z", "slots.code.pattern", "not valid"),
    # branches
    ("main", "      high: [{collect: agreed}]\n", "", "steps.2.cases", "no case for high"),
    ("main", ", no: [{say: bye}]}", "}", "steps.4.cases", "no case for no"),
    ("main", "cases: {yes:", "cases: {yess:", "steps.4.cases.yess", "never 'yess'"),
    ("main", "{red: {en: Red, zh: 红}, blue: {en: Blue, zh: 蓝}}", "{red: {en: Red}, blue: {en: B, zh: 蓝}}", "steps.12.options.red", "no text in 'zh'"),
    ("main", "      blue: []\n", "", "steps.12.then", "no branch for blue"),
    ("main", "      blue: []\n", "      bleu: []\n", "steps.12", "`options` does not offer"),
    ("main", "- switch: agreed\n", "- switch: language\n", "steps.4.cases.yes", "one of en, zh"),
    ("main", "- switch: agreed\n", "- switch: channel\n", "steps.4.cases.yes", "no channel"),
    # steps
    ("main", "id: chosen", "id: first", "steps.12.id", "two steps have the id 'first'"),
    ("main", "choose: colour", "choose: urgency", "steps.12.choose", "is declared in `slots` too"),
    ("main", "- call: part\n", "- choose: colour\n    ask: ask\n    options: {red: {en: R, zh: 红}}\n  - call: part\n", "steps.15.choose", "among other options"),
    ("main", "[{say: bye}, {end: true}]", "[{end: true}, {say: bye}]", "steps.0.give_up.1", "nothing reaches"),
    ("main", "low: [{say: bye}]\n      high: [{collect: agreed}]", "low: [{end: true}]\n      high: [{end: true}]", "steps.3", "nothing reaches"),
    ("main", "    found: [{say: bye}]\n", "    found: [{end: true}]\n    missing: [{link: rest}]\n", "steps.14", "nothing reaches"),
    ("main", "red: [{say: bye}]\n      blue: []", "red: [{end: true}]\n      blue: [{end: true}]", "steps.13", "nothing reaches"),
    ("main", "  - search:", "  - wait: {}\n  - search:", "steps.13.up_to", "required"),
    ("main", "collect: problem\n", "collect: problem\n    attempts: 0\n", "steps.0.attempts", "greater than"),
    # circles
    ("part", "  - set: {result:", "  - call: main\n  - set: {result:", "steps.2.call", "call itself"),
    ("rest", "  - say: done", "  - say: done\n  - link: rest", "steps.2", "leads back to this flow"),
    # renames
    ("part", "[piece]", "[rest]", "renamed.flow.0", "the flow 'rest' is still there"),
    ("part", "{length: size}", "{length: siz}", "renamed.slots.length", "did you mean 'size'?"),
    ("part", "{length: size}", "{kind: size}", "renamed.slots.kind", "slot 'kind' is still there"),
    ("part", "old_step: ask_size", "old_step: ask_sise", "renamed.steps.old_step", "'ask_size'?"),
    # responses
    ("main", "{problem|or:you}", "{problem|ord:you}", "responses.bye.en", "no form 'ord'"),
    ("main", "{problem|or:you}", "{problem|or}", "responses.bye.en", "needs words behind"),
    ("main", "{problem|or:you}", "{amount|money:QQQ}", "responses.bye.en", "needs a currency"),
    ("main", "{problem|or:you}", "{problm|upper}", "responses.bye.en", "did you mean 'problem'?"),
    ("main", "{day|date}", "{day|date:short}", "responses.bye.zh", "takes nothing behind it"),
    ("main", "channel: webchat}]", "channel: webcat}]", "responses.bye.en", "mean 'webchat'?"),
    ("main", 'zh: "再见{day|date}"', 'zh: {text: "再见", channel: webchat}', "responses.bye.zh", "add one without `channel`"),
    ("main", '\n    zh: "再见{day|date}"', "", "responses.bye", "no text in 'zh'"),
    ("main", '{text: "Bye.", channel', '{text: "Bye.", title: Hi, channel', "responses.bye.en.1", "only a card has `title`"),
    ("main", '{text: "Bye.", channel', '{style: card, text: "Bye.", channel', "responses.bye.en.1", "a card needs `title`"),
    ("main", '{text: "Bye.", channel', '{style: card, title: Hi, link: {label: A, url: "http://x.example"}, channel', "responses.bye.en.1.link.url", "match pattern"),
    ("main", '{text: "Bye.", channel', '{style: card, title: Hi, image: "https://{problem}/x", channel', "responses.bye.en.1.image", "match pattern"),
]  # fmt: skip


def faults_of(
    path: Path, flows: Mapping[str, str], *, bot: str = BOT
) -> list[tuple[str, str, int, str]]:
    """Return file, key, line and message of every fault of a bot."""
    folder = folder_of(path, flows, bot=bot)
    try:
        load_bot(folder, intents={"ask_something"}, entities=standard_entities())
    except FaultyFileError as error:
        return [(f.path.name, f.key, f.line, f.message) for f in error.faults]
    return []


def test_the_flows_that_are_broken_here_are_sound(tmp_path: Path) -> None:
    """Only what a test changes is wrong."""
    assert faults_of(tmp_path, FLOWS) == []


@pytest.mark.parametrize(("flow", "old", "new", "key", "words"), FAULTS)
def test_a_mistake_is_named_by_file_key_and_line(
    tmp_path: Path, flow: str, old: str, new: str, key: str, words: str
) -> None:
    """The line is where the mistake stands, or where what lacks something begins."""
    text = FLOWS[flow]
    assert old in text
    found = faults_of(tmp_path, {**FLOWS, flow: text.replace(old, new, 1)})

    fault = next((f for f in found if f[1] == key and words in f[3]), None)
    assert fault is not None, "\n".join(map(str, found))
    assert fault[0] == f"{flow}.yml"
    changed = text[: text.index(old)].count("\n") + 3
    assert changed - 6 <= fault[2] <= changed + 4, (fault, changed)


CALLS = "slots: {{a: {{type: text, ask: ask}}}}\nsteps: [{{call: {}}}, {{collect: a}}]\n"
ASK = 'responses: {ask: {en: "A?", zh: "A？"}}\n'


def test_calls_that_nest_too_deep_are_refused(tmp_path: Path) -> None:
    """As many flows as may be open at once, and no more."""
    last = "slots: {a: {type: text, ask: ask}}\nsteps: [{collect: a}]\n" + ASK
    flows = {f"f{n}": CALLS.format(f"f{n + 1}") + ASK for n in range(4)} | {"f4": last}
    flows["f0"] = "triggers: [ask_something]\n" + flows["f0"]
    assert faults_of(tmp_path / "four", flows) == []

    flows |= {"f4": CALLS.format("f5") + ASK, "f5": last}
    found = faults_of(tmp_path / "five", flows)
    assert [f[:2] for f in found] == [("f0.yml", "steps.0.call")]
    assert "a chain of 5 calls" in found[0][3]


@pytest.mark.parametrize(
    ("one", "two", "message"),
    [
        ("[{link: two}]", "[{link: one}]", "without asking anything"),
        ("[{call: two}, {link: two}]", "[{say: hi}]", None),
        ("[{call: two}]", "[{say: hi}, {link: one}]", "call itself"),
        ("[{collect: own}, {call: two}]", "[{collect: own}, {call: one}]", "call itself"),
        # What both know is carried along, so it is asked once and then never again.
        ("[{collect: same}, {link: two}]", "[{say: hi}, {link: one}]", "without asking"),
        ("[{collect: own}, {link: two}]", "[{say: hi}, {link: one}]", None),
        (
            "[{collect: same}, {set: {same: null}}, {link: two}]",
            "[{say: hi}, {link: one}]",
            None,
        ),
        ("[{collect: own}, {set: {own: null}}, {link: one}]", "[{say: hi}]", None),
        ("[{collect: own}, {link: one}]", "[{say: hi}]", "without asking anything"),
        ("[{wait: null, up_to: 5m}, {link: two}]", "[{link: one}]", None),
    ],
)
def test_flows_that_go_round_in_circles_must_wait_for_somebody(
    tmp_path: Path, one: str, two: str, message: str | None
) -> None:
    """Links may come back where something is asked on the way; calls never may."""
    slots = "triggers: [{}]\nslots: {{same: {{type: text, ask: ask}}{}}}\nsteps: {}\n"
    answers = 'responses: {ask: {en: "A?", zh: "A？"}, hi: {en: "Hi", zh: "嗨"}}\n'
    flows = {
        "one": slots.format("ask_something", ", own: {type: text, ask: ask}", one) + answers,
        "two": slots.format("ask_other", ", its: {type: text}", two.replace("own", "same"))
        + answers,
    }
    found = faults_of(tmp_path, flows)
    told = [f[3] for f in found if "no step of the flow" not in f[3] and "no intent" not in f[3]]
    assert bool(told) is (message is not None), told
    assert all(message in each for each in told if message is not None)


def test_a_flow_that_only_dead_flows_lead_to_is_dead(tmp_path: Path) -> None:
    """Something must start the whole of it."""
    flows = {
        "main": "triggers: [ask_something]\nsteps: [{end: true}]\n",
        "lost": "steps: [{call: loster}]\n",
        "loster": "steps: [{end: true}]\n",
    }
    found = faults_of(tmp_path, flows)
    assert {f[0]: f[1] for f in found} == {"lost.yml": "id", "loster.yml": "id"}
    assert all("nothing starts this flow" in f[3] for f in found)


def test_two_flows_cannot_both_have_been_one(tmp_path: Path) -> None:
    """A conversation in the middle of it could not be told where to go."""
    flows = {
        name: f"triggers: [{intent}]\nrenamed: {{flow: [old]}}\nsteps: [{{end: true}}]\n"
        for name, intent in (("main", "ask_something"), ("other", "ask_something_else"))
    }
    found = [f for f in faults_of(tmp_path, flows) if f[1].startswith("renamed")]
    assert [(f[0], f[1]) for f in found] == [("other.yml", "renamed.flow.0")]


def test_a_desk_speaks_languages_of_the_bot(tmp_path: Path) -> None:
    """Another one would never be asked for."""
    found = faults_of(tmp_path, FLOWS, bot=BOT.replace("languages: [en]}", "languages: [fr]}"))
    assert [f[:2] for f in found] == [("bot.yml", "desks.service.languages.0")]
