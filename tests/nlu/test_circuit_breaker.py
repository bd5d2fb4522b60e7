"""A sick server is left alone, tried now and then, and taken back when it answers."""

from concurrent.futures import ThreadPoolExecutor

from nlu.circuit_breaker import CircuitBreaker


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_it_opens_after_failures_in_a_row_only() -> None:
    """An answer between failures starts the count anew."""
    told: list[str] = []
    breaker = CircuitBreaker(failures=3, on_change=told.append)
    for _ in range(2):
        breaker.failed()
    breaker.succeeded()
    for _ in range(2):
        breaker.failed()
    assert breaker.permits(5) == 5

    breaker.failed()

    assert breaker.permits(5) == 0
    assert breaker.is_open
    assert told == ["opened"]


def test_one_call_is_tried_after_each_rest_until_one_succeeds() -> None:
    """Rest, one trial, rest again when it fails or is never heard of, and all calls when not."""
    clock, told = Clock(), list[str]()
    breaker = CircuitBreaker(failures=1, rest=10, on_change=told.append, clock=clock)
    breaker.failed()
    clock.now = 9.9
    assert breaker.permits(5) == 0

    clock.now = 10.0
    assert breaker.permits(5) == 1
    assert breaker.permits(5) == 0
    breaker.failed()
    clock.now = 19.9
    assert breaker.permits(5) == 0
    clock.now = 20.0
    assert breaker.permits(0) == 0
    assert breaker.permits(5) == 1
    clock.now = 30.0
    assert breaker.permits(5) == 1
    breaker.succeeded()

    assert breaker.permits(5) == 5
    assert told == ["opened", "closed"]


def test_many_threads_get_one_trial_and_one_word() -> None:
    """Threads that fail and ask together see one change and share one trial."""
    clock, told = Clock(), list[str]()
    breaker = CircuitBreaker(failures=3, rest=1, on_change=told.append, clock=clock)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: breaker.failed(), range(200)))
        clock.now = 1.0
        permitted = sum(pool.map(lambda _: breaker.permits(), range(200)))

    assert permitted == 1
    assert told == ["opened"]
