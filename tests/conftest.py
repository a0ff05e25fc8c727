"""Brings the fixtures every test may use."""

pytest_plugins = [
    "pytester",
    "tests.support.garbage",
    "tests.support.quick_disk",
    "tests.support.sockets",
    "tests.support.databases",
    "tests.support.browser",
    "tests.support.counts",
    "tests.support.order",
]
