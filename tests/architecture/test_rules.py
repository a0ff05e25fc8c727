"""Each rule of the house is seen to fail on a bad sample and to pass on a good one."""

import pytest

from tests.architecture import rules
from tests.architecture.tree import Rule

LONG_FUNCTION = "def f():\n" + "    x = 1\n" * 40
WORD = "TO" + "DO"

SAMPLES = [
    (rules.opening_sentence, "bot/a.py", "x = 1", '"""Says what it is."""\nx = 1'),
    (rules.opening_sentence, "bot/a.py", '"""says what it is"""', '"""Says it.\n\nAnd more. Much more."""'),
    (rules.opening_sentence, "bot/a.py", '"""Says it. And more."""', '"""Says it over\ntwo lines."""'),
    (rules.short_functions, "bot/a.py", LONG_FUNCTION, LONG_FUNCTION.replace("    x = 1\n", "", 1)),
    (rules.short_files, "bot/a.py", "x = 1\n" * 401, "x = 1\n" * 400),
    (rules.nothing_unfinished, "bot/a.py", f"x = 1  # {WORD}: more", "todos = 1"),
    (rules.nothing_unfinished, "bot/a.py", "raise NotImplemented" + "Error", "return NotImplemented"),
    (rules.nothing_unfinished, "bot/a.py", "# enough for" + " now", "# enough for nowadays"),
    (rules.no_address, "Makefile", "pip install --index-url x", "pip install -c constraints.txt x"),
    (rules.no_address, "pyproject.toml", 'home = "https://example.org"', 'name = "steward"'),
    (rules.no_outside_resource, "a.html", '<script src="https://x.org/a.js">', '<script src="/static/a.js">'),
    (
        rules.no_outside_resource,
        "a.css",
        "b { background: url(//x.org/a.png) }",
        "b { background: url(a.png) }",
    ),
    (rules.no_outside_resource, "a.html", '<link href="//x.org/a.css">', '<a href="https://x.org">x</a>'),
    (
        rules.reasoned_broad_handlers,
        "bot/a.py",
        "try:\n    f()\nexcept (ValueError, Exception):\n    g()",
        "try:\n    f()\nexcept Exception:  # a plug-in may raise anything\n    g()",
    ),
    (
        rules.reasoned_broad_handlers,
        "bot/a.py",
        "try:\n    f()\nexcept:\n    g()",
        "try:\n    f()\nexcept BaseException:\n    g()\n    raise",
    ),
    (
        rules.domain_stands_alone,
        "domain/a.py",
        "def f():\n    import sqlalchemy.orm",
        "import json, domain.model",
    ),
    (
        rules.sandbox_stands_alone,
        "bot/sandbox/a.py",
        "from bot import config",
        "from bot.sandbox import mail",
    ),
    (rules.sandbox_stands_alone, "bot/sandbox/a.py", "import domain.model", "import aiohttp"),
    (rules.storage_from_the_root, "bot/cli.py", "from storage import store", "import bot.app"),
    (rules.storage_from_the_root, "bot/worker.py", "import_module('storage.store')", "import_module('json')"),
    (rules.storage_from_the_root, "domain/desk.py", "import storage", "import storages"),
    (rules.siblings_apart, "bot/slack/a.py", "from bot.web import pages", "from bot.slack import home"),
    (rules.siblings_apart, "bot/web/__init__.py", "from bot import slack", "from bot import config"),
    (rules.no_mocks, "tests/a.py", "from unittest import mock", "from unittest import TestCase"),
    (
        rules.tests_are_sentences,
        "tests/a.py",
        "def test_seats(): ...",
        "def test_the_last_seat_is_kept(): ...",
    ),
    (rules.tests_can_fail, "tests/a.py", "def test_a():\n    f()", "def test_a():\n    assert f()"),
    (rules.tests_can_fail, "tests/a.py", "def test_a():\n    f()", "def test_a():\n    with raises(X): f()"),
]


@pytest.mark.parametrize(("rule", "path", "bad", "good"), SAMPLES)
def test_the_rule_tells_bad_from_good(rule: Rule, path: str, bad: str, good: str) -> None:
    assert rule(path, bad)
    assert rule(path, good) == []


def test_the_composition_root_may_import_storage() -> None:
    assert rules.storage_from_the_root("bot/app.py", "import storage.store") == []
    assert rules.storage_from_the_root("bot/app/wiring.py", "import storage.store") == []
