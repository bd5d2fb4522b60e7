"""What all commands print with: tables and colours for people, JSON for programs."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import orjson
import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from nlu.yaml_file import FaultyFileError

#: For people; colours are off by themselves when it is no terminal.
console: Final = Console(
    highlight=False, width=None if sys.stdout.isatty() else 140, soft_wrap=not sys.stdout.isatty()
)
#: For faults and progress, so that standard output stays clean for programs.
errors: Final = Console(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())


def print_json(data: Any) -> None:  # noqa: ANN401 - whatever JSON can hold
    """Print `data` as JSON for programs."""
    sys.stdout.write(
        orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode() + "\n"
    )


#: What would steer a terminal or turn the reading direction, and what is shown instead.
_STEERING: Final = {
    **{code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\n\t"},
    0x7F: "\u2421",
    **dict.fromkeys(
        (*range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)), "\ufffd"
    ),
    **dict.fromkeys((0x200E, 0x200F, 0x061C), ""),
}


def plain(text: str) -> str:
    """Return a stranger's text so that it can only be read: nothing in it steers a terminal."""
    return text.translate(_STEERING)


def fail(message: str, *, status: int = 1) -> typer.Exit:
    """Print what is wrong and how to mend it; raise what is returned."""
    errors.print(message, style="red", markup=False)
    return typer.Exit(status)


def faults(error: FaultyFileError, *, status: int = 1) -> typer.Exit:
    """Print every fault of a bot folder, one a line; raise what is returned."""
    for fault in error.faults:
        errors.print(str(fault), markup=False)
    count = len(error.faults)
    return fail(f"{count} fault{'s' if count != 1 else ''} found", status=status)


@contextmanager
def progress(title: str) -> Iterator[Any]:
    """Show a running task; yields a function to tell what is being done now."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True) as shown:
        task = shown.add_task(title)

        def tell(message: str) -> None:
            shown.update(task, description=message)

        yield tell


@contextmanager
def counted(title: str, total: int) -> Iterator[Callable[[], None]]:
    """Show how many of `total` things are done; yields a function to count one more."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=errors, transient=True) as shown:
        task = shown.add_task(title, total=total)
        yield lambda: shown.advance(task)
