"""What one pass over a source brought, and what was left out and why."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Left:
    """Something that was not brought, and why."""

    key: str  #: of the document
    where: str  #: inside the document, "" for all of it
    why: str


@dataclass(slots=True)
class Outcome:
    """What one pass brought."""

    source: str
    new: int = 0  #: articles, each language counted
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    read: int = 0  #: documents that were read
    same: int = 0  #: documents that were not, because they are as they were
    failed: int = 0  #: documents that could not be read
    left: list[Left] = field(default_factory=list)

    @property
    def is_nothing(self) -> bool:
        """Tell whether nothing could be read at all."""
        return self.read + self.same == 0

    def counts(self) -> dict[str, int]:
        """Return the figures, for the record of the source."""
        names = ("new", "changed", "unchanged", "removed", "read", "same", "failed")
        return {**{name: getattr(self, name) for name in names}, "left": len(self.left)}
