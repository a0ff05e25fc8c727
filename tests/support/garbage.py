"""Keeps the garbage collector from walking again and again over what stays until the end of the run."""

import gc
from collections.abc import Generator

import pytest

THRESHOLD = 20_000
"""New objects after which the young are looked at; to start a whole Steward makes many times that."""


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect nothing while modules are loaded: what they make stays."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_finish() -> None:
    """Set aside what is there before the first test."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(THRESHOLD, *gc.get_threshold()[1:])
