"""What a long run did and which promises it saw broken."""

from collections.abc import Iterable
from dataclasses import dataclass, field

MOST_SHOWN = 20
MOST_HEARD = 400


@dataclass(kw_only=True)
class Report:
    """Figures by their name, and broken promises in words; none broken is what is hoped for."""

    figures: dict[str, float] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    """The newest lines of Steward's log."""

    def hear(self, lines: Iterable[str]) -> None:
        """Keep what Steward logged, the newest of it."""
        self.heard = [*self.heard, *lines][-MOST_HEARD:]

    def count(self, name: str, by: float = 1) -> None:
        """Add to a figure."""
        self.figures[name] = self.figures.get(name, 0) + by

    def most(self, name: str, value: float) -> None:
        """Keep the largest value of a figure."""
        self.figures[name] = max(value, self.figures.get(name, value))

    def broke(self, words: object) -> None:
        """Note a broken promise."""
        self.broken.append(str(words))

    def hold(self, promise: bool, words: object) -> None:
        """Note a broken promise unless it holds."""
        if not promise:
            self.broke(words)

    def shown(self) -> Iterable[str]:
        """Yield the broken promises that are worth printing."""
        yield from self.broken[:MOST_SHOWN]
        if len(self.broken) > MOST_SHOWN:
            yield f"... and {len(self.broken) - MOST_SHOWN} more"
