"""A state machine drives the desk on both databases: a short form of `make soak`."""

import pytest

from tests.soak.machine import drive
from tests.support.databases import Databases

pytestmark = pytest.mark.long

EXAMPLES = 8


def test_whatever_people_do_the_promises_hold(databases: Databases) -> None:
    assert drive(databases, examples=EXAMPLES, steps=25) >= EXAMPLES
