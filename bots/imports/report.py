"""What an import brought and what it could not, counted, with where it stood and why."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a report."""

    what: str
    brought: int
    left: int
    why: str  #: of what was left, or what became of what was brought; "" says nothing
    files: tuple[str, ...]  #: relative to the project


@dataclass(slots=True)
class Report:
    """What has been counted so far."""

    root: Path
    names: dict[str, str] = field(default_factory=dict)  #: "intent Check-Balance" -> ours
    _brought: Counter[tuple[str, str]] = field(default_factory=Counter)
    _left: Counter[tuple[str, str]] = field(default_factory=Counter)
    _files: dict[tuple[str, str], dict[str, None]] = field(default_factory=dict)

    def bring(self, what: str, path: Path, *, count: int = 1, why: str = "") -> None:
        """Count things that were brought from a file."""
        self._brought[what, why] += count
        self._note((what, why), path, count)

    def leave(self, what: str, path: Path, why: str, *, count: int = 1, line: int = 0) -> None:
        """Count things that could not be brought from a file, or from a line of it."""
        self._left[what, why] += count
        self._note((what, why), path, count, line)

    def rename(self, what: str, before: str, after: str) -> None:
        """Note that something has another name now."""
        if before != after:
            self.names[f"{what} {before}"] = after

    def lines(self) -> list[Line]:
        """Return the report: what was brought first, each thing's own lines together."""
        keys = list(self._files)
        order = {what: index for index, what in enumerate(dict.fromkeys(k[0] for k in keys))}
        brought_first = sorted(keys, key=lambda k: (order[k[0]], not self._brought[k], k[1]))
        return [
            Line(what, self._brought[what, why], self._left[what, why], why, tuple(self._files[k]))
            for k in brought_first
            for what, why in [k]
        ]

    def _note(self, key: tuple[str, str], path: Path, count: int, line: int = 0) -> None:
        if count > 0:
            name = path.relative_to(self.root) if path.is_relative_to(self.root) else path
            place = f"{name}:{line}" if line else str(name)
            self._files.setdefault(key, {}).setdefault(place)
