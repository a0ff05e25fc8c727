"""Logs as JSON, one object a line on standard error, without secrets and without what people wrote."""

import logging
import re
import sys
from collections.abc import Iterable
from typing import Any, TextIO

import structlog
from structlog.processors import ExceptionRenderer
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

_HIDDEN = "(hidden)"
# Tokens of Slack's and links of invitations are hidden wherever they stand, known to the settings or not.
_ADDRESSES = re.compile(r"[^\s@\"'<>(){},;:=/\\]+@[\w-]+(?:\.[\w-]+)+")
_TOKENS = re.compile(r"xox[a-z]-[\w-]+|xapp-[\w-]+|(?<=/invitations/)[\w-]+")
# What these say at INFO holds whole requests, or is of no use to who runs Steward.
_QUIET = ("slack_bolt", "slack_sdk", "aiohttp", "asyncio", "sqlalchemy", "alembic", "aiosqlite", "mail.log")

_SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
)


class Redactor:
    """Replaces secrets in a finished line."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = sorted({secret for secret in secrets if len(secret) >= 6}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def __call__(self, logger: WrappedLogger, name: str, event_dict: EventDict | str) -> str:
        """Return the line without secrets and mail addresses; the last processor of the chain."""
        return self.hidden(_ADDRESSES.sub(_HIDDEN, str(event_dict)))

    def hidden(self, text: str) -> str:
        """Return the text without secrets."""
        line = _TOKENS.sub(_HIDDEN, text)
        return self._known.sub(_HIDDEN, line) if self._known else line


def set_up_logs(
    *,
    secrets: Iterable[str] = (),
    level: int = logging.INFO,
    readable: bool = False,
    stream: TextIO | None = None,
) -> None:
    """Send structlog and the standard library's loggers through the same chain.

    Args:
        secrets: values that must never show.
        level: the lowest level of Steward's own lines; libraries speak from WARNING on.
        readable: lines for a person at a terminal instead of JSON.
        stream: where to; standard error unless given.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_formatter(readable, Redactor(secrets)))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _formatter(readable: bool, redactor: Redactor) -> logging.Formatter:
    unwrapped = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED, processors=[unwrapped, *_ending(readable), redactor]
    )


def _ending(readable: bool) -> list[Processor]:
    if readable:
        return [
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
        ]
    return [ExceptionRenderer(_traceback), structlog.processors.JSONRenderer()]


def _traceback(exc_info: ExcInfo) -> list[dict[str, Any]]:
    """Return where an error came through: without local variables, and of its words the first line.

    Below that line databases tell the values they were given.
    """
    told = ExceptionDictTransformer(show_locals=False)(exc_info)
    for each in told:
        each["exc_value"] = str(each["exc_value"]).partition("\n")[0][:200]
    return told
