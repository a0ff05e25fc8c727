"""Column types that mean the same on both engines: UTC times, JSON kept as written, bytewise ordered text."""

import json
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import DateTime, Dialect, String, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

# Bytewise order is the order of code points, the same on both engines whatever the server's locale.
Ordered = Text().with_variant(Text(collation="C"), "postgresql")


_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@lru_cache(64)
def _written(moment: datetime) -> str:
    """Return a moment as text; rows written together mostly have the same."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


class Utc(TypeDecorator[datetime]):
    """A moment: `timestamptz` on PostgreSQL, sortable ISO text in UTC on SQLite, which has no zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(32))
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return _written(value) if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if dialect.name == "sqlite":
            return datetime.fromisoformat(value)
        assert isinstance(value, datetime)
        return value.astimezone(UTC)


class Json(TypeDecorator[Any]):
    """Plain values as JSON text: what is sealed must come back exactly as it was written."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return _JSON.encode(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)
