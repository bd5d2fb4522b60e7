"""Wake-ups across processes: a hint of one is heard by the other."""

import threading
import time

from crm_store.wakeup import Wakeup


def test_a_request_to_a_slow_action_is_heard_elsewhere(redis_url: str) -> None:
    """With Redis the process that calls need not look by itself to find it."""
    teller, listener = Wakeup(redis_url), Wakeup(redis_url)
    heard = threading.Event()
    listener.on_actions = heard.set
    for wakeup in (teller, listener):
        wakeup.start()
    try:
        deadline = time.monotonic() + 10
        while not heard.wait(0.05):
            assert time.monotonic() < deadline
            teller.ring_actions()
    finally:
        for wakeup in (teller, listener):
            wakeup.stop()


def test_without_redis_the_own_process_is_told() -> None:
    """The queue of the same process looks at once."""
    wakeup = Wakeup()
    heard = threading.Event()
    wakeup.ring_actions()
    wakeup.on_actions = heard.set

    wakeup.ring_actions()

    assert heard.is_set()
