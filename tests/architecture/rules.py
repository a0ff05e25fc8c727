"""The rules of the house as plain functions: a path and its text in, what breaks the rule out."""

import ast
import re
import sys
from collections.abc import Iterator

FUNCTION_LINES = 40
FILE_LINES = 400
TEST_NAME_WORDS = 3

UNFINISHED = re.compile(
    r"\b(?:TODO|FIXME|XXX|HACK|NotImplementedError|(?i:for now|stub|dummy|placeholder implementation))\b"
)
ADDRESS = re.compile(
    r"https?://|\b(?:extra-)?index[-_]url\b|\bfind[-_]links\b|--index\b|\btrusted-host\b", re.IGNORECASE
)
OUTSIDE_RESOURCE = re.compile(
    r"""(?:\b(?:src|srcset)\s*=\s*|\burl\(\s*|\bfrom\s+|\bimport\(?\s*|@import\s+|\bfetch\(\s*"""
    r"""|<link[^>]*\bhref\s*=\s*)["']?(?:https?:)?//""",
    re.IGNORECASE,
)
PROVES = ("assert", "check", "expect", "fail", "raises", "run_state_machine", "verify", "warns")
SIBLINGS = ("bot.slack", "bot.web", "bot.connectors", "bot.sandbox")


def opening_sentence(path: str, text: str) -> list[str]:
    """Each module opens with a docstring whose first paragraph is one sentence."""
    docstring = ast.get_docstring(ast.parse(text))
    if not docstring:
        return [f"{path}: no docstring"]
    opening = re.sub(r"\s+", " ", docstring.partition("\n\n")[0]).strip()
    if opening[-1] not in ".:":
        return [f"{path}: the docstring does not open with a sentence"]
    if re.search(r"[.!?] [A-Z]", opening):
        return [f"{path}: the docstring opens with more than one sentence"]
    return []


def short_functions(path: str, text: str) -> list[str]:
    """No function is longer than a page."""
    return [
        f"{path}:{function.lineno} {function.name}: {lines} lines"
        for function in _functions(ast.parse(text))
        if (lines := (function.end_lineno or function.lineno) - function.lineno + 1) > FUNCTION_LINES
    ]


def short_files(path: str, text: str) -> list[str]:
    """No file holds more than a few pages."""
    lines = text.count("\n")
    return [f"{path}: {lines} lines"] if lines > FILE_LINES else []


def nothing_unfinished(path: str, text: str) -> list[str]:
    """What is in the tree is finished."""
    return [
        f"{path}:{number} {found.group()}"
        for number, line in enumerate(text.splitlines(), start=1)
        if (found := UNFINISHED.search(line))
    ]


def no_address(path: str, text: str) -> list[str]:
    """Where packages come from is the user's own setting."""
    return [
        f"{path}:{number} {found.group()}"
        for number, line in enumerate(text.splitlines(), start=1)
        if (found := ADDRESS.search(line))
    ]


def no_outside_resource(path: str, text: str) -> list[str]:
    """Pages load nothing from elsewhere."""
    return [
        f"{path}:{number} {found.group()}"
        for number, line in enumerate(text.splitlines(), start=1)
        if (found := OUTSIDE_RESOURCE.search(line))
    ]


def reasoned_broad_handlers(path: str, text: str) -> list[str]:
    """Whoever catches everything and keeps it says why, in a comment beside it."""
    lines = text.splitlines()
    return [
        f"{path}:{handler.lineno} catches everything without a reason"
        for handler in ast.walk(ast.parse(text))
        if isinstance(handler, ast.ExceptHandler) and _is_broad(handler)
        if not any("#" in line for line in lines[handler.lineno - 2 : handler.body[0].lineno])
    ]


def domain_stands_alone(path: str, text: str) -> list[str]:
    """`domain` imports itself and the standard library."""
    return [
        f"{path}:{line} imports {name}"
        for line, name in imports(text)
        if name.partition(".")[0] not in sys.stdlib_module_names | {"domain"}
    ]


def sandbox_stands_alone(path: str, text: str) -> list[str]:
    """The local Slack imports nothing of Steward."""
    return [
        f"{path}:{line} imports {name}"
        for line, name in imports(text)
        if within(name, "domain", "storage", "bot") and not within(name, "bot.sandbox")
    ]


def storage_from_the_root(path: str, text: str) -> list[str]:
    """Only storage itself and the composition root import storage."""
    if within(module_name(path), "storage", "bot.app"):
        return []
    return [f"{path}:{line} imports {name}" for line, name in imports(text) if within(name, "storage")]


def siblings_apart(path: str, text: str) -> list[str]:
    """Slack, web, connectors and sandbox never import each other."""
    own = [sibling for sibling in SIBLINGS if within(module_name(path), sibling)]
    return [
        f"{path}:{line} imports {name}"
        for line, name in imports(text)
        if own and within(name, *SIBLINGS) and not within(name, *own)
    ]


def no_mocks(path: str, text: str) -> list[str]:
    """Tests use the real thing."""
    return [f"{path}:{line} imports {name}" for line, name in imports(text) if within(name, "unittest.mock")]


def tests_are_sentences(path: str, text: str) -> list[str]:
    """A test's name says what holds."""
    return [
        f"{path}:{test.lineno} {test.name}"
        for test in _tests(ast.parse(text))
        if len(test.name.removeprefix("test_").split("_")) < TEST_NAME_WORDS
    ]


def tests_can_fail(path: str, text: str) -> list[str]:
    """Every test states something."""
    return [
        f"{path}:{test.lineno} {test.name} states nothing"
        for test in _tests(ast.parse(text))
        if not any(_proves(node) for node in ast.walk(test))
    ]


def imports(text: str) -> list[tuple[int, str]]:
    """Line and full name of everything a module imports, wherever in the file, dynamically too."""
    found: list[tuple[int, str]] = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            prefix = "." * node.level + (node.module or "")
            found += [(node.lineno, f"{prefix}.{alias.name}") for alias in node.names]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            found += [
                (node.lineno, str(name.value)) for name in node.args[:1] if isinstance(name, ast.Constant)
            ]
    return found


def within(name: str, *packages: str) -> bool:
    """Whether the name is one of the packages or lies inside one."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def module_name(path: str) -> str:
    """`bot.slack.home` for `bot/slack/home.py`."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _tests(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (function for function in _functions(tree) if function.name.startswith("test_"))


def _is_broad(handler: ast.ExceptHandler) -> bool:
    if isinstance(handler.body[-1], ast.Raise) and handler.body[-1].exc is None:
        return False
    if handler.type is None:
        return True
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(kind, ast.Name) and kind.id in ("Exception", "BaseException") for kind in caught)


def _proves(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return any(word in ast.unparse(node.func).lower() for word in PROVES)
    return isinstance(node, ast.Assert)
