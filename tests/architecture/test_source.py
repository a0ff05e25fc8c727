"""The rules of the house hold in every file."""

import pytest

from tests.architecture import rules
from tests.architecture.tree import CONFIGURATION, Rule, assert_kept, files, source


def test_every_module_opens_with_one_sentence() -> None:
    assert_kept(rules.opening_sentence, source("bot", "domain", "storage", "tests"))


@pytest.mark.parametrize("rule", [rules.short_functions, rules.short_files])
def test_functions_and_files_stay_short(rule: Rule) -> None:
    assert_kept(rule, source(migrations=False))


def test_nothing_in_the_tree_is_unfinished() -> None:
    pages = files("bot/**/*.js", "bot/**/*.html", "bot/**/*.css", "bot/**/*.txt")
    assert_kept(rules.nothing_unfinished, source())
    assert_kept(rules.nothing_unfinished, pages)


def test_no_setting_says_where_packages_come_from() -> None:
    assert_kept(rules.no_address, files(*CONFIGURATION))


def test_pages_and_mails_load_nothing_from_elsewhere() -> None:
    pages = files("bot/**/*.html", "bot/**/*.css", "bot/**/*.js", "bot/**/*.svg")
    assert_kept(rules.no_outside_resource, pages)


def test_whoever_catches_everything_says_why() -> None:
    assert_kept(rules.reasoned_broad_handlers, source())


def test_domain_imports_the_standard_library_alone() -> None:
    assert_kept(rules.domain_stands_alone, source("domain"))


def test_the_local_slack_imports_nothing_of_steward() -> None:
    assert_kept(rules.sandbox_stands_alone, source("bot/sandbox"))


def test_storage_is_imported_from_the_composition_root_alone() -> None:
    assert_kept(rules.storage_from_the_root, source())


def test_the_adapters_never_meet() -> None:
    assert_kept(rules.siblings_apart, source("bot"))


def test_tests_use_no_mocks() -> None:
    assert_kept(rules.no_mocks, source("tests"))


def test_the_names_of_tests_are_sentences() -> None:
    assert_kept(rules.tests_are_sentences, source("tests"))


def test_every_test_states_something() -> None:
    assert_kept(rules.tests_can_fail, source("tests"))
