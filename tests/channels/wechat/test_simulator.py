"""The simulated WeChat, held against its rules and a client of WeChat that is not ours."""

import asyncio
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from wechatpy import WeChatClient
from wechatpy.exceptions import WeChatClientException

from channels.messages import Notice
from channels.simulators.wechat import WechatSimulator
from channels.simulators.wechat.account import Account
from channels.simulators.wechat.rules import FORCED_MAX, Rules
from channels.wechat import WechatChannel
from channels.wechat.parsing import parse
from channels.wechat.payloads import read_payload
from tests.channels.wechat.replies import PEER, message, seen, wrote
from tests.webchat.harness import Clock

MASS = "/cgi-bin/message/mass/send"


async def asked(simulator: WechatSimulator, call: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - as wechatpy
    """Let wechatpy's client call the simulator, in a thread of its own."""
    token = simulator.rules.tokens.give(force=False, now=simulator.clock())

    def run() -> Any:  # noqa: ANN401 - as above
        client: Any = WeChatClient(
            simulator.account.app_id, simulator.account.app_secret, access_token=token
        )
        client.API_BASE_URL = f"{simulator.url}/cgi-bin/"
        client.auto_retry = False
        for part in (client.message, client.qrcode, client.user, client.media):
            part.API_BASE_URL = f"{simulator.url}/cgi-bin/"
        try:
            return call(client)
        finally:
            client._http.close()

    return await asyncio.to_thread(run)


async def test_another_client_sends_what_we_send(
    channel: WechatChannel, simulator: WechatSimulator, clock: Clock
) -> None:
    """Wechatpy's text message and ours are the same call to WeChat."""
    wrote(simulator, clock)
    await channel.send(message("您好"))
    await asked(simulator, lambda client: client.message.send_text(PEER, "您好"))

    ours, theirs = seen(simulator)
    assert ours == theirs


async def test_another_client_is_content_with_every_interface(
    simulator: WechatSimulator, clock: Clock
) -> None:
    """Files, codes, customers and templates answer as wechatpy expects it."""
    wrote(simulator, clock)
    picture = io.BytesIO(b"\x89PNG")
    picture.name = "p.png"

    uploaded = await asked(simulator, lambda client: client.media.upload("image", picture))
    fetched = await asked(simulator, lambda c: c.media.download(uploaded["media_id"]))
    scene = {"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": "spring"}}}
    code = await asked(simulator, lambda client: client.qrcode.create(scene))
    known = await asked(simulator, lambda client: client.user.get(PEER))
    told = await asked(
        simulator, lambda c: c.message.send_template(PEER, "t1", {"first": {"value": "x"}})
    )
    sent = await asked(
        simulator, lambda client: client.message.send_image(PEER, uploaded["media_id"])
    )

    assert fetched.content == b"\x89PNG"
    assert code["url"].endswith("/spring")
    assert (known["subscribe"], known["openid"]) == (1, PEER)
    assert told["msgid"] > 0
    assert sent["errcode"] == 0


async def test_another_client_sees_the_same_errors(
    simulator: WechatSimulator, clock: Clock
) -> None:
    """Refusals carry WeChat's codes to any client."""
    wrote(simulator, clock)
    wrong: dict[int, Callable[[Any], Any]] = {
        40003: lambda client: client.message.send_text("oNobody", "x"),
        45002: lambda client: client.message.send_text(PEER, "一" * 700),
        44004: lambda client: client.message.send_text(PEER, ""),
        40007: lambda client: client.message.send_image(PEER, "lost"),
    }
    for code, call in wrong.items():
        with pytest.raises(WeChatClientException) as caught:
            await asked(simulator, call)
        assert caught.value.errcode == code
    simulator.rules.note(PEER, "unsubscribe", now=clock())
    with pytest.raises(WeChatClientException) as gone:
        await asked(simulator, lambda client: client.message.send_text(PEER, "x"))
    assert gone.value.errcode == 43004
    assert (await asked(simulator, lambda client: client.user.get(PEER)))["subscribe"] == 0


async def called(simulator: WechatSimulator, path: str, body: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON or not
    """Call an interface as a program without any client would."""
    token = simulator.rules.tokens.give(force=False, now=simulator.clock())
    async with httpx.AsyncClient() as http:
        content = body if isinstance(body, bytes) else httpx.Request("POST", "/", json=body).read()
        answer = await http.post(
            f"{simulator.url}{path}", params={"access_token": token}, content=content
        )
    found: dict[str, Any] = answer.json()
    return found


async def test_requests_that_wechat_cannot_read_are_refused(
    simulator: WechatSimulator, clock: Clock
) -> None:
    """Escaped characters, broken JSON and kinds that do not exist have their codes."""
    wrote(simulator, clock)
    send = "/cgi-bin/message/custom/send"

    assert (await called(simulator, send, b'{"a":"\\u4f60"}'))["errcode"] == 40033
    assert (await called(simulator, send, b"{"))["errcode"] == 47001
    assert (await called(simulator, send, {"touser": PEER}))["errcode"] == 40008
    assert (await called(simulator, "/cgi-bin/media/upload", b""))["errcode"] == 41005


async def test_a_mass_message_is_sent_once_for_its_key(simulator: WechatSimulator) -> None:
    """The same clientmsgid again is refused with the id of the first; a long one is too."""
    body = {"touser": ["a", "b"], "msgtype": "text", "clientmsgid": "spring"}
    first = await called(simulator, MASS, body)
    again = await called(simulator, MASS, body)
    long = await called(simulator, MASS, {**body, "clientmsgid": "x" * 65})

    assert first["errcode"] == 0
    assert (again["errcode"], again["msg_id"]) == (45065, first["msg_id"])
    assert long["errcode"] == 45067
    assert [shown.peer for shown in simulator.recorded.shown] == ["a", "b"]


async def test_typing_is_shown_after_the_customer_wrote(
    simulator: WechatSimulator, clock: Clock
) -> None:
    """Within 30 seconds, once at a time, and only with words WeChat knows."""
    path = "/cgi-bin/message/custom/typing"
    wrote(simulator, clock)

    async def code(command: str, peer: str = PEER) -> int:
        body = {"touser": peer, "command": command}
        return int((await called(simulator, path, body))["errcode"])

    assert [await code("Typing"), await code("Typing")] == [0, 45081]
    assert [await code("CancelTyping"), await code("Typing")] == [0, 0]
    assert [await code("Sing"), await code("Typing", "oNobody")] == [45072, 40003]
    clock.pass_by(seconds=31)
    assert await code("Typing") == 45080


async def test_tokens_are_checked_and_rationed(simulator: WechatSimulator, clock: Clock) -> None:
    """Missing, wrong and old tokens have their codes; force works 20 times a day, 30 s apart."""
    tokens = simulator.rules.tokens
    assert tokens.refusal("", now=clock()) == 41001
    assert tokens.refusal("x", now=clock()) == 40001
    first = tokens.give(force=False, now=clock())
    assert first is not None
    assert tokens.give(force=False, now=clock()) == first
    assert tokens.refusal(first, now=clock()) is None

    second = tokens.give(force=True, now=clock())
    assert tokens.give(force=True, now=clock()) is None
    assert tokens.refusal(first, now=clock()) is None
    clock.pass_by(minutes=6)
    assert tokens.refusal(first, now=clock()) == 40001
    clock.pass_by(hours=2)
    assert second is not None
    assert tokens.refusal(second, now=clock()) == 42001

    for _ in range(FORCED_MAX - 1):
        clock.pass_by(seconds=31)
        assert tokens.give(force=True, now=clock()) is not None
    clock.pass_by(seconds=31)
    assert tokens.give(force=True, now=clock()) is None
    clock.pass_by(days=1)
    assert tokens.give(force=True, now=clock()) is not None


def test_rights_are_those_of_the_kind_of_account(clock: Clock) -> None:
    """An official account may answer a click thrice, a mini-program an entry twice."""
    official, mini = Rules("official"), Rules("mini_program")
    official.note(PEER, "click", now=clock())
    mini.note(PEER, "user_enter_tempsession", now=clock())
    mini.note(PEER, "unsubscribe", now=clock())

    assert [official.spend(PEER, now=clock()) for _ in range(4)] == [None, None, None, 45047]
    assert [mini.spend(PEER, now=clock()) for _ in range(3)] == [None, None, 45047]
    assert official.spend(PEER, now=clock() + timedelta(minutes=2)) == 45015


async def test_results_of_messages_are_reported(clock: Clock) -> None:
    """What became of a message comes back as a callback that says so."""
    simulator = WechatSimulator(Account(mode="plain"), clock=clock)
    await simulator.start()
    got: list[bytes] = []
    server = await asyncio.start_server(taker(got), "127.0.0.1", 0)
    simulator.connect(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    wrote(simulator, clock)

    told = {"touser": PEER, "template_id": "t1"}
    await called(simulator, "/cgi-bin/message/subscribe/bizsend", told)
    await called(simulator, "/cgi-bin/message/template/send", told)
    await called(simulator, MASS, {"touser": [PEER], "msgtype": "text"})
    await simulator.settled()

    reports = [
        message.content
        for body in got
        for message in parse(read_payload(body), account="shop", kind="official", now=clock())
        if isinstance(message.content, Notice)
    ]
    assert {report.data["what"] for report in reports} == {
        "subscribe_msg_sent_event",
        "templatesendjobfinish",
        "masssendjobfinish",
    }
    server.close()
    await simulator.stop()


def taker(got: list[bytes]) -> Callable[..., Any]:
    """Return a server's side that takes callbacks and says so."""

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        got.append(await reader.readexactly(length))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\nconnection: close\r\n\r\nsuccess")
        await writer.drain()
        writer.close()

    return take


@pytest.mark.parametrize(
    ("answers", "outcomes"),
    [
        ([b"success"], ["taken"]),
        ([b""], ["taken"]),
        ([b"{}"], ["banner"]),
        ([b"<xml><A>a</A></xml>"], ["banner"]),
        ([None, None, None], ["again", "again", "again"]),
        ([None, b"success"], ["again", "taken"]),
    ],
)
async def test_callbacks_are_tried_three_times(
    answers: list[bytes | None], outcomes: list[str]
) -> None:
    """No answer in time or an error is tried again; what is no reply is a banner."""
    left = list(answers)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = left.pop(0)
        if body is None:
            head = b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n"
        else:
            head = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n" % len(body)
        writer.write(head + b"connection: close\r\n\r\n" + (body or b""))
        await writer.drain()
        writer.close()

    simulator = WechatSimulator(time_scale=0.2)
    await simulator.start()
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    simulator.connect(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")

    tries = await simulator.say(PEER, "hello")

    assert [each.outcome for each in tries] == outcomes
    assert simulator.recorded.banners == ([] if outcomes[-1] == "taken" else [PEER])
    server.close()
    await simulator.stop()


async def test_an_answer_that_takes_too_long_is_no_answer(simulator: WechatSimulator) -> None:
    """After its patience, here a twentieth of five seconds, WeChat hangs up."""

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(-1)
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    simulator.connect(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")

    tries = await simulator.say(PEER, "hello")

    assert [(each.status, each.outcome) for each in tries] == [(None, "again")] * 3
    server.close()


async def test_without_an_address_nothing_is_called(simulator: WechatSimulator) -> None:
    """The simulator says that it was not connected."""
    with pytest.raises(RuntimeError, match="connect the simulator"):
        await simulator.say(PEER, "hello")


async def test_an_account_without_the_right_is_refused(clock: Clock) -> None:
    """Accounts that are not verified may not write; every call is refused."""
    simulator = WechatSimulator(Account(may_write=False), clock=clock)
    await simulator.start()
    wrote(simulator, clock)
    body = {"touser": PEER, "msgtype": "text", "text": {"content": "x"}}

    assert (await called(simulator, "/cgi-bin/message/custom/send", body))["errcode"] == 48001
    await simulator.stop()


async def test_a_customer_sends_a_file_that_the_account_fetches(
    channel: WechatChannel, simulator: WechatSimulator, clock: Clock
) -> None:
    """What a customer sends is fetched by its id; a lost one is an error with its code."""
    wrote(simulator, clock)
    media_id = simulator.keep(b"\x89PNG", "image/png")

    fetched = await channel._api.download(media_id)
    known = await channel._api.get("/cgi-bin/user/info", openid=PEER)

    assert (fetched.body, fetched.mime) == (b"\x89PNG", "image/png")
    assert known["unionid"] == f"union-{PEER}"
