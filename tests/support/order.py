"""Begins with the long tests, so that no worker comes to one when the others have nothing left to do."""

import pytest

LONG = "long"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the order otherwise, random as it is."""
    items.sort(key=lambda item: item.get_closest_marker(LONG) is None)
