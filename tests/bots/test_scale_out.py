"""`make scale`: the relay that stands in for the compose file's proxy."""

import asyncio
from contextlib import AbstractAsyncContextManager

from bots.scale_out import listening, relay


def _process(name: bytes) -> AbstractAsyncContextManager[int]:
    """Run a stand-in for a process: it answers every line with its name and the line."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(name + b" " + line)
            await writer.drain()

    return listening(answer, host="127.0.0.1", port=0)


async def _ask(port: int, *lines: bytes) -> list[bytes]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answers = []
    for line in lines:
        writer.write(line + b"\n")
        answers.append((await reader.readline()).rstrip())
    writer.close()
    await writer.wait_closed()
    return answers


async def test_connections_are_spread_and_stay_where_they_are() -> None:
    """Connections go to the processes in turn; one connection stays with its process."""
    async with (
        _process(b"one") as one,
        _process(b"two") as two,
        listening(relay([one, two]), host="127.0.0.1", port=0) as front,
    ):
        answers = [await _ask(front, b"a", b"b") for _ in range(4)]

    assert sorted(answers) == [[b"one a", b"one b"]] * 2 + [[b"two a", b"two b"]] * 2


async def test_a_process_that_is_down_is_passed_over() -> None:
    """With one process gone, every connection reaches the other."""
    async with _process(b"one") as one:
        pass
    async with (
        _process(b"two") as two,
        listening(relay([one, two]), host="127.0.0.1", port=0) as front,
    ):
        answers = [await _ask(front, b"a") for _ in range(4)]

    assert answers == [[b"two a"]] * 4


async def test_with_all_processes_down_the_connection_is_closed() -> None:
    """Nobody waits for an answer that cannot come."""
    async with _process(b"one") as one:
        pass
    async with listening(relay([one]), host="127.0.0.1", port=0) as front:
        assert await _ask(front, b"a") == [b""]


async def test_open_connections_end_with_the_relay() -> None:
    """Ending the relay closes what is open instead of waiting for visitors to leave."""
    async with _process(b"one") as one:
        async with listening(relay([one]), host="127.0.0.1", port=0) as front:
            reader, writer = await asyncio.open_connection("127.0.0.1", front)
            writer.write(b"a\n")
            assert await reader.readline() == b"one a\n"

        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()
