"""The README tells what the code does."""

from tests.support.readme import README, filled


def test_the_tables_of_the_readme_are_those_of_the_code() -> None:
    text = README.read_text(encoding="utf-8")
    assert text == filled(text), "run: python -m tests.support.readme"


def test_the_picture_of_the_readme_is_there() -> None:
    assert (README.parent / "bot" / "sandbox" / "picture.png").stat().st_size > 10_000
