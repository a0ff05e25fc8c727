"""What a store asks of its database."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from storage.store import SqlStore


def watch(store: SqlStore, tell: Callable[[str], None]) -> None:
    """Tell of every statement from now on, by whichever way it goes."""

    def executes(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        tell(statement)

    for engine in store.engines:
        event.listen(engine.sync_engine, "before_cursor_execute", executes)
    store.watch = lambda statement, _parameters: tell(statement)
