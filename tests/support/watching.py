"""What a store asks of its database."""

from collections.abc import Callable

from storage.store import SqlStore

TURNS = ("BEGIN", "COMMIT", "ROLLBACK")
"""How a transaction begins and ends."""


def watch(store: SqlStore, tell: Callable[[str], None]) -> None:
    """Tell of every statement from now on; not of how transactions begin and end."""

    def told(statement: str, _parameters: object) -> None:
        if statement not in TURNS:
            tell(statement)

    store.watch(told)
