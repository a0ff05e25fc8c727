"""CSV as people send it: every line kept or named with its defect, whatever wrote the file."""

import pytest

from bot.spreadsheets import LONGEST_LINE, MOST_ROWS, SheetRow, Unreadable, read

ANN = SheetRow(number=1, email="ann@example.org", role="Admin", departments="Sales;Ops", name="Ann")


def rows(content: str | bytes) -> list[tuple[int, str, str, str, str]]:
    sheet = read(content if isinstance(content, bytes) else content.encode())
    return [(row.number, row.email, row.role, row.departments, row.name) for row in sheet.rows]


def defects(content: str | bytes) -> dict[int, str]:
    """The defects by line; the other lines are good."""
    sheet = read(content if isinstance(content, bytes) else content.encode())
    return {row.number: row.defect for row in sheet.rows if row.defect}


@pytest.mark.parametrize(
    "content",
    [
        "ann@example.org,Admin,Sales;Ops,Ann",
        "ann@example.org,Admin,Sales;Ops,Ann\n",
        'ann@example.org;Admin;"Sales;Ops";Ann\r\n',
        "ann@example.org\tAdmin\tSales;Ops\tAnn\r",
        ' ann@example.org , Admin , "Sales;Ops" , Ann ',
        "\ufeffann@example.org,Admin,Sales;Ops,Ann",
        '"ann@example.org","Admin","Sales;Ops","Ann"',
        '"ann@example.org",Admin,"Sales;Ops","\nAnn"',
        "ann@example.org,Admin,Sales;Ops,Ann,,",
    ],
)
def test_a_line_reads_the_same_whatever_wrote_it(content: str) -> None:
    assert read(content.encode()).rows == (ANN,)


@pytest.mark.parametrize(
    "heading",
    [
        "email,role,departments,name",
        "E-Mail,ROLE,Department,Full name",
        "\ufeffEmail address,Roles,dept,display_name",
        '"mail","role","Departments","Real Name"',
    ],
)
def test_the_heading_may_be_written_in_many_ways(heading: str) -> None:
    (row,) = rows(f"{heading}\nann@example.org,Admin,Sales,Ann\n")
    assert row == (2, "ann@example.org", "Admin", "Sales", "Ann")


def test_the_heading_gives_the_order_and_columns_of_no_use_are_named() -> None:
    sheet = read(b"Phone;Name;E-mail;Last name\n1;;ann@example.org;Lee\n")
    assert sheet.ignored == ("Phone",)
    assert [(row.email, row.name) for row in sheet.rows] == [("ann@example.org", "Lee")]
    sheet = read(b"first name,last name,email\nAnn,Lee,ann@example.org\n")
    assert sheet.rows[0].name == "Ann Lee"


def test_a_separator_that_excel_names_is_taken_at_its_word() -> None:
    assert rows("sep=;\nemail;name\nann@example.org;Lee, Ann\n") == [
        (3, "ann@example.org", "", "", "Lee, Ann")
    ]


def test_what_steward_handed_out_comes_back_mended() -> None:
    heading = "line,email,role,departments,name,outcome,problem"
    written = f'{heading}\n7,ann@example.org,Admin,,\'=Ann,not sent,"No, thanks"\n'
    assert rows(written) == [(2, "ann@example.org", "Admin", "", "=Ann")]
    assert read(written.encode()).ignored == ()


@pytest.mark.parametrize("sign", ["=", "+", "-", "@"])
def test_the_apostrophe_before_a_formula_is_taken_off(sign: str) -> None:
    assert rows(f"ann@example.org,,,'{sign}1")[0][4] == f"{sign}1"
    assert rows("ann@example.org,,,'Ann'")[0][4] == "'Ann'"


def test_empty_lines_are_passed_over_and_numbers_stay_those_of_the_file() -> None:
    assert [row[0] for row in rows("\n\nann@example.org\r\n,,,\n\nbob@example.org\n")] == [3, 6]


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ('"bob@example.org,Admin', "never closed"),
        ('"bob@example.org"x,Admin', "wrong place"),
        (",Admin,Sales,Bob", "no e-mail address"),
        ("bob@example.org,Admin,Sales,Bob,more", "“more” belongs to none"),
        ("bob@example.org," + "x" * LONGEST_LINE, "bytes long; 10,000 are the most"),
        (b"bob@example.org,,,B\xf6b", "not written in UTF-8"),
        (b"bob@example.org,,,\x00" + b"x" * 5, "signs that are no text"),
    ],
)
def test_a_bad_line_is_named_and_the_lines_around_it_are_kept(bad: str | bytes, words: str) -> None:
    raw = bad if isinstance(bad, bytes) else bad.encode()
    padding = b"x" * 5000  # a file with NUL at its beginning is no text at all
    content = b"ann@example.org,," + padding + b"\n" + raw + b"\ncem@example.org\n"
    found = defects(content)
    assert list(found) == [2]
    assert words in found[2]
    assert [row[1] for row in rows(content)][::2] == ["ann@example.org", "cem@example.org"]


def test_a_quote_that_is_never_closed_swallows_nobody() -> None:
    content = 'ann@example.org,,,"Ann\nbob@example.org\ncem@example.org,,,"Cem "\n'
    assert list(defects(content)) == [1]
    assert [row[1] for row in rows(content)][1:] == ["bob@example.org", "cem@example.org"]


def test_one_line_of_ten_megabytes_is_one_bad_line() -> None:
    (row,) = read(b"a" * 10_000_000).rows
    assert row.defect.startswith("This line is 10,000,000 bytes long")
    assert len(row.email) < 1000


def test_the_lines_around_one_of_ten_megabytes_are_kept() -> None:
    content = b"ann@example.org\n" + b'"a' * 5_000_000 + b"\ncem@example.org\n"
    assert list(defects(content)) == [2]
    assert [row[1] for row in rows(content)][::2] == ["ann@example.org", "cem@example.org"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "This file is empty."),
        (b"\n \n", "This file is empty."),
        (b"email,role\n", "There is nobody in this file."),
        ("email\nann@example.org".encode("utf-16"), "UTF-16"),
        ("email\nann@example.org".encode("utf-16-le"), "UTF-16"),
        ("email\nann@example.org".encode("utf-16-be"), "UTF-16"),
        (b"PK\x03\x04 and so on", "This is a workbook, not a CSV file."),
        (b"\xd0\xcf\x11\xe0 and so on", "This is a workbook, not a CSV file."),
        (b"%PDF-1.7", "This is a PDF, not a CSV file."),
        (b"\x89PNG\x00\x00\x01\x02", "This is not a text file."),
        (b"name,role\nAnn,Admin\n", "names no column for e-mail addresses"),
        (b"email,E-mail\na@example.org,b@example.org\n", "more than one column for the email"),
        (b"\n" * 200_000 + b"ann@example.org\n", "empty lines for the most part"),
    ],
)
def test_what_is_no_list_of_people_is_refused_with_words(content: bytes, words: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(content)
    assert words in str(refused.value)


def test_ten_thousand_lines_are_read_and_one_more_is_refused() -> None:
    people = "email\n" + "".join(f"p{number}@example.org\n" for number in range(MOST_ROWS))
    assert len(read(people.encode()).rows) == MOST_ROWS
    with pytest.raises(Unreadable, match=r"10,001 lines; 10,000 are the most"):
        read((people + "one@example.org\n").encode())
    with pytest.raises(Unreadable, match=r"25,000 lines"):
        read(b"a@example.org\n" * 25_000)
