"""What Steward writes to its log, as an operator's collector gets it."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from bot.logs import set_up_logs


@contextmanager
def overheard() -> Iterator[io.StringIO]:
    """Write the log as `steward run` does, into a string; no secret is known to it, so none is hidden."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in list(logging.root.manager.loggerDict)}
    kept = io.StringIO()
    try:
        set_up_logs(stream=kept)
        yield kept
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        for name, each in levels.items():
            logging.getLogger(name).setLevel(each)
        structlog.configure(**before)
