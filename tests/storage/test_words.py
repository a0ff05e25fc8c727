"""Names and addresses are ordered and found whatever their case, accents and script."""

import pytest

from storage.words import LONGEST_TERM, MOST_TERMS, beginning, end_of, fold, sort_key, terms


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("  Zoë   ÇELIK ", "zoe celik"),
        ("Straße", "strasse"),
        ("Ångström", "angstrom"),
        ("ＦＵＬＬ", "full"),
        ("И́горь", "игорь"),
        ("हिन्दी", "हिन्दी"),
        ("", ""),
    ],
)
def test_two_spellings_fold_to_one(text: str, folded: str) -> None:
    assert fold(text) == fold(folded)
    assert fold(fold(text)) == fold(text)


def test_a_person_is_found_from_each_word_of_name_and_address() -> None:
    assert terms("Ann-Marie O'Neil", "ann.neil@example.com") == sorted(
        [
            *("ann-marie o'neil", "marie o'neil", "o'neil", "neil"),
            *("ann.neil@example.com", "neil@example.com", "example.com", "com"),
        ]
    )


def test_vowel_signs_begin_no_word() -> None:
    assert terms("हिन्दी", "") == [fold("हिन्दी")]


def test_terms_are_bounded_however_long_the_name() -> None:
    found = terms(" ".join(f"{number:x}" * 30 for number in range(100)), "a@example.com")
    assert len(found) == MOST_TERMS
    assert max(map(len, found)) == LONGEST_TERM


def test_a_list_is_ordered_by_name_else_address() -> None:
    assert sort_key("Zoë", "a@example.com") == "zoe"
    assert sort_key("  ", "A@example.com") == "a@example.com"


@pytest.mark.parametrize(("typed", "sought"), [("@Ann", "ann"), ("  o'N", "o'n"), ("...", ""), ("", "")])
def test_a_search_begins_at_its_first_word(typed: str, sought: str) -> None:
    assert beginning(typed) == sought


def test_everything_that_begins_alike_lies_before_the_end() -> None:
    prefix = "ann"
    inside = ["ann", "anna", "ann\U0010fffe", "annz" * 20]
    assert all(prefix <= text < end_of(prefix) for text in inside)
    assert not any(prefix <= text < end_of(prefix) for text in ("an", "ano", "b"))
