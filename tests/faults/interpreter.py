"""An interpreter that finds intents by their words, always the same; poison included."""

import os
import re
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, NoReturn

from nlu.understanding import IntentScore, Understanding


def _raise() -> NoReturn:
    message = "poisoned on purpose"
    raise RuntimeError(message)


def _recurse() -> None:
    _recurse()


def _spin() -> None:
    while True:
        pass


def _backtrack() -> None:
    # Stays inside the regular expression engine, which holds the interpreter lock all the time.
    re.match(r"^(\w+\s?)*$", "a" * 60 + "!")


def _allocate() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (2**31, resource.RLIM_INFINITY))
    bytearray(2**32)


def _allocate_for_ever() -> None:
    # As the kernel's out-of-memory killer does it: no exception, no trace.
    os.kill(os.getpid(), 9)


def _recurse_in_c() -> None:
    import faulthandler

    faulthandler._sigsegv()  # type: ignore[attr-defined]


#: What a message that begins with `poison:<name>` does to whoever understands it.
POISON: Final[dict[str, Callable[[], object]]] = {
    "exception": _raise,
    "recursion": _recurse,
    "sys_exit": lambda: sys.exit(3),
    "os_exit": lambda: os._exit(4),
    "abort": os.abort,
    "segfault": _recurse_in_c,
    "out_of_memory": _allocate_for_ever,
    "big_allocation": _allocate,
    "infinite_loop": _spin,
    "loop_in_c": _backtrack,
}


class KeywordInterpreter:
    """Understands "ticket", "look" and "how" by what they begin and all else as a greeting."""

    def interpret(
        self,
        texts: Sequence[str],
        *,
        languages: Sequence[str | None],
        nows: Sequence[datetime] | None = None,
    ) -> list[Understanding]:
        """Return one Understanding per text, in order."""
        return [self._one(text) for text, _ in zip(texts, languages, strict=True)]

    @staticmethod
    def _one(text: str) -> Understanding:
        if text.startswith("poison:"):
            POISON[text.split(":")[1]]()
        names = {"ticket": "report_problem", "look": "look_up", "how": "ask_knowledge"}
        name = names.get(text.partition(" ")[0], "greet")
        return Understanding(
            text, "en", (IntentScore(name, 0.97),), outcome="clear", interpreter="keywords"
        )
