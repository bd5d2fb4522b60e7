"""Messages and states with the commands the policy gives for them, in both languages."""

from typing import Any, Final

from dialogues.state import Change, ConversationState, Frame, OptionOffered, Pending
from tests.dialogues.talks import NOW, corner_shop

KNOWN: Final = {"product": "kettle", "quantity": 200, "email": "anna@acme.com"}


def frame(flow: str, asked: str | None = None, **slots: Any) -> Frame:  # noqa: ANN401 - JSON
    """Return an open flow that asks for `asked`."""
    return Frame(
        flow=flow, flow_hash=corner_shop().flows[flow].hash, slots=slots, asked=asked, path=(0,)
    )


def options(*pairs: str) -> list[OptionOffered]:
    """Return what was offered, as "value=label"."""
    split = [pair.partition("=") for pair in pairs]
    return [OptionOffered(value=value, label=label) for value, _, label in split]


QUOTE = frame("request_quote", "company", **KNOWN)
ENDED = frame("request_quote", None, **KNOWN, company="Acme", phone=None)
CHANGE = Change(flow="request_quote", slot="quantity", value=50)

STATES: Final[dict[str, ConversationState]] = {
    "nothing": ConversationState(),
    "company": ConversationState(frames=[QUOTE]),
    "phone": ConversationState(frames=[frame("request_quote", "phone", **KNOWN, company="Acme")]),
    "quantity": ConversationState(frames=[frame("request_quote", "quantity", product="kettle")]),
    "problem": ConversationState(frames=[frame("open_ticket", "problem")]),
    "urgency": ConversationState(
        frames=[frame("open_ticket", "urgency", problem="It leaks")],
        options=options("slot:urgency:low=Can wait", "slot:urgency:high=Urgent"),
    ),
    "email": ConversationState(
        frames=[frame("open_ticket", "email", problem="It leaks", urgency="high")]
    ),
    "agreed": ConversationState(frames=[frame("newsletter", "agreed")]),
    "name": ConversationState(frames=[frame("newsletter", "name", agreed=True)]),
    "rating": ConversationState(frames=[frame("give_feedback", "rating")]),
    "stack": ConversationState(frames=[QUOTE, frame("order_status", "number")]),
    "below": ConversationState(
        frames=[frame("open_ticket", "problem", email="anna@acme.com"), QUOTE]
    ),
    "ended": ConversationState(ended=ENDED, ended_at=NOW.isoformat()),
    "ended below": ConversationState(
        frames=[frame("give_feedback", "rating")], ended=ENDED, ended_at=NOW.isoformat()
    ),
    "clarify": ConversationState(
        clarified=True,
        options=options(
            "flow:order_status=Where is my order", "flow:request_quote=Get a quote", "none=None"
        ),
    ),
    "clarify zh": ConversationState(
        clarified=True,
        options=options("flow:order_status=查询订单", "flow:request_quote=询价", "none=都不是"),
    ),
    "person": ConversationState(yes_means="human", options=options("human=Talk to a person")),
    "person asked": ConversationState(
        frames=[QUOTE], yes_means="human", options=options("human=Talk to a person")
    ),
    "confirm": ConversationState(
        ended=ENDED,
        ended_at=NOW.isoformat(),
        pending=Pending(kind="correct", changes=[CHANGE]),
        options=options("confirm:yes=Yes", "confirm:no=No"),
    ),
    "confirm asked": ConversationState(
        frames=[frame("give_feedback", "rating")],
        ended=ENDED,
        ended_at=NOW.isoformat(),
        pending=Pending(kind="correct", changes=[CHANGE]),
    ),
    "confirm cancel": ConversationState(frames=[QUOTE], pending=Pending(kind="cancel")),
    "new value": ConversationState(
        ended=ENDED,
        ended_at=NOW.isoformat(),
        pending=Pending(
            kind="new_value",
            changes=[Change(flow="request_quote", slot="email", value="anna@acme.com")],
        ),
    ),
    "old fact": ConversationState(
        frames=[
            frame("open_ticket", "email", problem="It leaks", urgency="high").model_copy(
                update={"unsure": {"email": "anna@acme.com"}}
            )
        ]
    ),
}

#: State, text (or "!" and what is pressed), the commands told in short.
ROWS: Final[list[tuple[str, str, list[str]]]] = [
    # Nothing is open.
    ("nothing", "hello", ["ChitChat greet"]),
    ("nothing", "你好", ["ChitChat greet"]),
    ("nothing", "you are useless", ["ChitChat insult"]),
    ("nothing", "I want a quote", ["StartFlow request_quote"]),
    ("nothing", "我要询价", ["StartFlow request_quote"]),
    ("nothing", "an order or a quote", ["Clarify order_status request_quote"]),
    ("nothing", "can I have an order or a quote?", ["AnswerQuestion"]),
    ("nothing", "an order or returns", ["AnswerQuestion"]),
    (
        "nothing",
        "quote for 200 kettles, anna@acme.com",
        ["StartFlow request_quote product=kettle quantity=200 email=anna@acme.com"],
    ),
    (
        "nothing",
        "quote for 20000 kettles",
        ["StartFlow request_quote product=kettle misfit:quantity=20000"],
    ),
    (
        "nothing",
        "quote for 5 kettles, anna@acme",
        ["StartFlow request_quote product=kettle quantity=5 misfit:email=anna@acme"],
    ),
    ("nothing", "How do I return a product?", ["AnswerQuestion"]),
    ("nothing", "如何退货", ["AnswerQuestion"]),
    ("nothing", "something about an order", ["Clarify order_status request_quote"]),
    ("nothing", "qwrtz", ["CannotHandle"]),
    ("nothing", "human", ["RequestHuman"]),
    ("nothing", "转人工", ["RequestHuman"]),
    ("nothing", "cancel", ["CancelFlow"]),
    ("nothing", "算了", ["CancelFlow"]),
    ("nothing", "forget everything", ["CancelAll"]),
    ("nothing", "全部取消", ["CancelAll"]),
    ("nothing", "repeat", ["Repeat"]),
    ("nothing", "start over", ["StartOver"]),
    ("nothing", "重新开始", ["StartOver"]),
    ("nothing", "go back", ["GoBack"]),
    ("nothing", "上一步", ["GoBack"]),
    ("nothing", "why?", ["CannotHandle"]),
    ("nothing", "what do you know so far?", ["Summarise"]),
    ("nothing", "我刚才填了什么", ["Summarise"]),
    (
        "nothing",
        "I want a quote and also I have a problem",
        ["QueueFlows open_ticket", "StartFlow request_quote"],
    ),
    (
        "nothing",
        "I have a problem. By the way, how do I return a product?",
        ["AnswerQuestion", "StartFlow open_ticket"],
    ),
    ("nothing", "我要询价，另外我要报修", ["QueueFlows open_ticket", "StartFlow request_quote"]),
    ("nothing", "我要询价，顺便问一下如何退货", ["AnswerQuestion", "StartFlow request_quote"]),
    ("nothing", "I want a quote. I want a quote.", ["StartFlow request_quote"]),
    ("nothing", "I want a quote. I have a problem.", ["StartFlow request_quote"]),
    (
        "nothing",
        "how do I return a product? Also, how are refunds paid?",
        ["AnswerQuestion", "AnswerQuestion"],
    ),
    ("nothing", "how do I return a product? Also, can I send it back?", ["AnswerQuestion"]),
    ("nothing", "how do I return a product? Also, what is qwrtz?", ["CannotHandle"]),
    ("nothing", "!flow:newsletter", ["StartFlow newsletter"]),
    ("nothing", "!flow:repair_cancel", ["Acknowledge"]),
    ("nothing", "!confirm:yes", ["Acknowledge"]),
    ("nothing", "!fact:no", ["Acknowledge"]),
    ("nothing", "!nonsense", ["Acknowledge"]),
    # A question is open.
    ("company", "Acme Ltd", ["FillSlot company=Acme Ltd asked"]),
    ("company", "我们公司叫街角贸易", ["FillSlot company=街角贸易 asked"]),
    ("company", "no, 50 not 200", ["CorrectSlots request_quote.quantity=50"]),
    ("company", "不是200，是50", ["CorrectSlots request_quote.quantity=50"]),
    ("company", "不對，是50，不是200", ["CorrectSlots request_quote.quantity=50"]),
    ("company", "郵箱寫錯了，應該是 b@x.com", ["CorrectSlots request_quote.email=b@x.com"]),
    ("company", "換個郵箱", ["ForgetSlot request_quote.email"]),
    ("company", "為什麼要這個", ["ExplainQuestion"]),
    ("company", "make it 30", ["CorrectSlots request_quote.quantity=30"]),
    ("company", "改成30个", ["CorrectSlots request_quote.quantity=30"]),
    (
        "company",
        "make it 30 and the email is b@x.com",
        ["CorrectSlots request_quote.quantity=30 request_quote.email=b@x.com"],
    ),
    (
        "company",
        "数量改成30，邮箱是 b@x.com",
        ["CorrectSlots request_quote.quantity=30 request_quote.email=b@x.com"],
    ),
    ("company", "my e-mail is b@x.com", ["CorrectSlots request_quote.email=b@x.com"]),
    ("company", "换个邮箱 b@x.com", ["CorrectSlots request_quote.email=b@x.com"]),
    ("company", "邮箱写错了，应该是 b@x.com", ["CorrectSlots request_quote.email=b@x.com"]),
    ("company", "换个邮箱", ["ForgetSlot request_quote.email"]),
    ("company", "I want to change the quantity", ["ForgetSlot request_quote.quantity"]),
    ("company", "change 200 to 30", ["CorrectSlots request_quote.quantity=30"]),
    ("company", "把200改成30", ["CorrectSlots request_quote.quantity=30"]),
    (
        "company",
        "Acme Ltd, and it's 50 not 200",
        ["CorrectSlots request_quote.quantity=50", "FillSlot company=Acme Ltd asked"],
    ),
    (
        "company",
        "sorry, 50 not 200. The company is Acme",
        ["CorrectSlots request_quote.quantity=50", "FillSlot company=Acme asked"],
    ),
    (
        "company",
        "50 not 200, how do I return a product?",
        ["CorrectSlots request_quote.quantity=50", "AnswerQuestion"],
    ),
    (
        "company",
        "sorry, it should be cups, not kettles",
        ["CorrectSlots request_quote.product=cup"],
    ),
    ("company", "不是水壶，是杯子", ["CorrectSlots request_quote.product=cup"]),
    ("company", "How do I return a product?", ["AnswerQuestion"]),
    (
        "company",
        "Acme Ltd. By the way, how do I return a product?",
        ["FillSlot company=Acme Ltd. asked", "AnswerQuestion"],
    ),
    (
        "company",
        "Acme Trading. Also, I have a problem",
        ["FillSlot company=Acme Trading asked", "QueueFlows open_ticket"],
    ),
    (
        "company",
        "街角贸易，另外我要报修",
        ["FillSlot company=街角贸易 asked", "QueueFlows open_ticket"],
    ),
    ("company", "why do you need that?", ["ExplainQuestion"]),
    ("company", "为什么要这个", ["ExplainQuestion"]),
    ("company", "what did I tell you", ["Summarise"]),
    ("company", "back", ["GoBack"]),
    ("company", "返回", ["GoBack"]),
    ("company", "cancel", ["CancelFlow"]),
    ("company", "cancel everything", ["CancelAll"]),
    ("company", "skip", ["SkipQuestion"]),
    ("company", "跳过", ["SkipQuestion"]),
    ("company", "none", ["SkipQuestion"]),
    ("company", "repeat that", ["Repeat"]),
    ("company", "再说一遍", ["Repeat"]),
    ("company", "hello", ["ChitChat greet"]),
    ("company", "you are useless", ["ChitChat insult"]),
    ("company", "where is my order", ["StartFlow order_status"]),
    ("company", "查订单 CS-1001", ["StartFlow order_status number=CS-1001"]),
    ("company", "Johnson, Smith and Sons", ["FillSlot company=Johnson, Smith and Sons asked"]),
    ("company", "human please", ["RequestHuman"]),
    ("company", "!slot:quantity:40", ["CorrectSlots request_quote.quantity=40"]),
    ("company", "!slot:company:Beta", ["FillSlot company=Beta asked"]),
    ("company", "!slot:quantity:99999", ["Acknowledge"]),
    ("phone", "no", ["SkipQuestion"]),
    ("phone", "没有", ["SkipQuestion"]),
    ("phone", "+44 20 7946 0018", ["FillSlot phone=+442079460018 asked"]),
    (
        "phone",
        "+44 20 7946 0018, and 50 not 200",
        ["CorrectSlots request_quote.quantity=50", "FillSlot phone=+442079460018 asked"],
    ),
    ("phone", "12", ["RejectValue phone"]),
    ("quantity", "50", ["FillSlot quantity=50 asked"]),
    ("quantity", "两百", ["FillSlot quantity=200 asked"]),
    (
        "quantity",
        "50, anna@acme.com",
        ["FillSlot quantity=50 asked", "FillSlot email=anna@acme.com"],
    ),
    ("quantity", "50, anna@acme", ["FillSlot quantity=50 asked", "NoteMisfit email=anna@acme"]),
    ("quantity", "99999", ["RejectValue quantity"]),
    ("quantity", "sorry, cups not kettles", ["CorrectSlots request_quote.product=cup"]),
    (
        "quantity",
        "sorry, cups not kettles, 50 please",
        ["CorrectSlots request_quote.product=cup", "FillSlot quantity=50 asked"],
    ),
    ("problem", "The lid is broken, 2 of 3 do not close", ["FillSlot problem=… asked"]),
    ("problem", "I want my money back and where is my order", ["FillSlot problem=… asked"]),
    ("problem", "水壶漏水，另外盖子也坏了", ["FillSlot problem=… asked"]),
    ("problem", "why?", ["ExplainQuestion"]),
    ("problem", "stop", ["CancelFlow"]),
    ("problem", "How do I return a product?", ["AnswerQuestion"]),
    ("urgency", "the second", ["FillSlot urgency=high asked"]),
    ("urgency", "第二个", ["FillSlot urgency=high asked"]),
    ("urgency", "Urgnet", ["FillSlot urgency=high asked"]),
    ("urgency", "不急", ["FillSlot urgency=low asked"]),
    ("urgency", "2", ["FillSlot urgency=high asked"]),
    ("urgency", "the lid", ["RejectValue urgency"]),
    ("email", "anna@acme.com", ["FillSlot email=anna@acme.com asked"]),
    (
        "email",
        "anna@acme.com, and it can wait, not urgent",
        ["CorrectSlots open_ticket.urgency=low", "FillSlot email=anna@acme.com asked"],
    ),
    ("email", "要这个干嘛", ["ExplainQuestion"]),
    ("agreed", "yes", ["FillSlot agreed=True asked"]),
    ("agreed", "好的", ["FillSlot agreed=True asked"]),
    ("agreed", "不要", ["FillSlot agreed=False asked"]),
    ("agreed", "cancel my order", ["RejectValue agreed"]),
    ("agreed", "get me out of this form", ["CancelFlow"]),
    ("name", "Anna Smith", ["FillSlot name=Anna Smith asked"]),
    ("name", "我叫王芳", ["FillSlot name=王芳 asked"]),
    ("name", "no", ["SkipQuestion"]),
    ("rating", "四星", ["FillSlot rating=4 asked"]),
    # Something below is meant.
    ("stack", "CS-1001", ["FillSlot number=CS-1001 asked"]),
    ("stack", "no, 50 not 200", ["CorrectSlots request_quote.quantity=50"]),
    (
        "stack",
        "CS-1001, and make that 50 not 200",
        ["CorrectSlots request_quote.quantity=50", "FillSlot number=CS-1001 asked"],
    ),
    ("stack", "my e-mail is b@x.com", ["CorrectSlots request_quote.email=b@x.com"]),
    (
        "below",
        "my email is b@x.com",
        ["CorrectSlots request_quote.email=b@x.com open_ticket.email=b@x.com"],
    ),
    # What is over may be corrected.
    ("ended", "no, 50 not 200", ["CorrectSlots request_quote.quantity=50"]),
    ("ended", "不是200，是50", ["CorrectSlots request_quote.quantity=50"]),
    ("ended", "actually, make it 50", ["CorrectSlots request_quote.quantity=50"]),
    ("ended", "my email is b@x.com", ["CorrectSlots request_quote.email=b@x.com"]),
    ("ended", "换个邮箱", ["ForgetSlot request_quote.email"]),
    ("ended", "I want a quote for 50 cups", ["StartFlow request_quote product=cup quantity=50"]),
    ("ended", "where is my order CS-1001", ["StartFlow order_status number=CS-1001"]),
    ("ended", "thanks", ["ChitChat thank"]),
    ("ended", "you sent the wrong product", ["CannotHandle"]),
    ("ended", "I gave you the wrong e-mail", ["ForgetSlot request_quote.email"]),
    ("ended", "邮箱给错了", ["ForgetSlot request_quote.email"]),
    ("ended below", "no, 50 not 200", ["CorrectSlots request_quote.quantity=50"]),
    ("ended below", "5", ["FillSlot rating=5 asked"]),
    # What was offered is typed.
    ("clarify", "1", ["StartFlow order_status"]),
    ("clarify", "the second", ["StartFlow request_quote"]),
    ("clarify", "the quote", ["StartFlow request_quote"]),
    ("clarify", "Get a qoute", ["StartFlow request_quote"]),
    ("clarify", "none of these", ["CannotHandle"]),
    ("clarify", "neither", ["CannotHandle"]),
    ("clarify", "something about an order", ["CannotHandle"]),
    ("clarify zh", "第二个", ["StartFlow request_quote"]),
    ("clarify zh", "订单", ["StartFlow order_status"]),
    ("clarify zh", "都不是", ["CannotHandle"]),
    ("person", "yes", ["RequestHuman"]),
    ("person", "no", ["DeclinePerson"]),
    ("person", "不用了", ["DeclinePerson"]),
    ("person asked", "no thanks", ["DeclinePerson"]),
    # Something waits for a yes.
    ("confirm", "yes", ["Confirm True"]),
    ("confirm", "改吧", ["Confirm True"]),
    ("confirm", "no", ["Confirm False"]),
    ("confirm", "不改", ["Confirm False"]),
    ("confirm", "cancel", ["Confirm False"]),
    ("confirm", "no, 60 not 200", ["CorrectSlots request_quote.quantity=60"]),
    (
        "confirm",
        "yes, and my email is b@x.com",
        ["Confirm True", "CorrectSlots request_quote.email=b@x.com"],
    ),
    ("confirm", "a person please", ["RequestHuman"]),
    ("confirm", "How do I return a product?", ["AnswerQuestion"]),
    ("confirm", "!confirm:yes", ["Confirm True"]),
    ("confirm asked", "4", ["FillSlot rating=4 asked"]),
    ("confirm asked", "好的", ["Confirm True"]),
    ("confirm cancel", "yes", ["Confirm True"]),
    ("confirm cancel", "cancel", ["Confirm True"]),
    ("confirm cancel", "keep going", ["Confirm False"]),
    ("confirm cancel", "继续", ["Confirm False"]),
    ("new value", "b@x.com", ["CorrectSlots request_quote.email=b@x.com"]),
    ("new value", "never mind", ["Confirm False"]),
    ("new value", "不用了", ["Confirm False"]),
    ("old fact", "yes", ["ConfirmFact email=True"]),
    ("old fact", "对", ["ConfirmFact email=True"]),
    ("old fact", "no", ["ConfirmFact email=False"]),
    ("old fact", "变了", ["ConfirmFact email=False"]),
    ("old fact", "b@x.com", ["FillSlot email=b@x.com asked"]),
    ("old fact", "no, it is b@x.com now", ["FillSlot email=b@x.com asked"]),
    ("old fact", "!fact:yes", ["ConfirmFact email=True"]),
]
