"""The words for operations: what people type means one of them, or the nearest are named."""

import pytest

from domain.model import Preset
from domain.operations import (
    OPERATION_NAMES,
    OPERATION_WORDS,
    Operation,
    operation_named,
    operations_like,
    speaks_of_operations,
)
from domain.permissions import TABLE


@pytest.mark.parametrize(
    ("typed", "operation"),
    [
        ("invite", Operation.INVITE),
        ("Invite people!", Operation.INVITE),
        ("invites", Operation.INVITE),
        ("invite a new developer", Operation.INVITE),
        ("transfer", Operation.TRANSFER_OWNERSHIP),
        ("transfer the ownership", Operation.TRANSFER_OWNERSHIP),
        ("billing", Operation.MANAGE_SUBSCRIPTION),
        ("view billing", Operation.VIEW_SUBSCRIPTION),
        ("settings", Operation.SETTINGS),
        ("Audit", Operation.AUDIT),
        ("API keys", Operation.VIEW_API_KEYS),
        ("generate a new API key", Operation.GENERATE_API_KEYS),
        ("departments", Operation.DEPARTMENTS),
        ("change her role", Operation.MANAGE_MEMBERS),
        ("change the role of ann to admin", Operation.MANAGE_MEMBERS),
        ("see e-mails", Operation.SEE_DETAILS),
        ("delete the account", Operation.DELETE_ORGANIZATION),
        ("manage_members", Operation.MANAGE_MEMBERS),
        ("white-label", Operation.WHITE_LABEL),
        ("", None),
        ("fly", None),
        ("remove and invite", None),
    ],
)
def test_words_mean_an_operation(typed: str, operation: Operation | None) -> None:
    assert operation_named(typed) == operation


def test_a_whole_name_says_nothing_else() -> None:
    assert operation_named("the invitations", whole=True) is Operation.INVITE
    assert operation_named("ann invite", whole=True) is None


@pytest.mark.parametrize("operation", list(Operation))
def test_every_operation_has_words_that_mean_it(operation: Operation) -> None:
    for words in (*OPERATION_WORDS[operation], OPERATION_NAMES[operation], str(operation)):
        assert operation_named(words) is operation, words


def test_no_two_operations_share_their_words() -> None:
    every = [word for words in OPERATION_WORDS.values() for word in words]
    assert len(every) == len(set(every))


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("invte", Operation.INVITE),
        ("transfr ownership", Operation.TRANSFER_OWNERSHIP),
        ("depart", Operation.DEPARTMENTS),
        ("please chekc the audti", Operation.AUDIT),
    ],
)
def test_misspelled_words_name_the_nearest(typed: str, first: Operation) -> None:
    found = operations_like(typed)
    assert first in ({operation_named(typed)} | set(found))
    assert len(found) <= 3


def test_nothing_is_near_nonsense() -> None:
    assert operations_like("zzz qqq") == ()
    assert operations_like("") == ()


def test_names_of_people_are_told_from_words_for_operations() -> None:
    assert speaks_of_operations("read the")
    assert not speaks_of_operations("ann lee")


def test_every_operation_of_every_preset_has_words() -> None:
    assert {operation for preset in Preset for operation in TABLE[preset]} <= set(OPERATION_WORDS)
