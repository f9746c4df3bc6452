"""From cells to values: every rule about what stands in the cells of real exports."""

import math
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.vocabulary import Kind
from data.workbook.cells import (
    CONVERTERS,
    LARGEST_INTEGER,
    LARGEST_NUMBER,
    NAME_LENGTH,
    ColumnReader,
    Notation,
    UnreadableError,
    to_boolean,
    to_datetime,
    to_integer,
    to_number,
    to_pct,
    to_text,
)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("True", True), ("False", False), ("TRUE", True), ("false", False), (True, True), (False, False),
        ("yes", True), ("No", False), ("1", True), ("0", False), (1.0, True), (0.0, False), (" true ", True),
        ("", None), ("   ", None),
    ],
)  # fmt: skip
def test_a_boolean_is_text_or_native_and_blank_is_unknown(cell: object, value: bool | None) -> None:
    assert to_boolean(cell) is value


@pytest.mark.parametrize("cell", ["maybe", "2", 2.0, "WAHR?", datetime(2026, 1, 1)])
def test_anything_else_is_no_boolean(cell: object) -> None:
    with pytest.raises(UnreadableError):
        to_boolean(cell)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (4.0, 4), (4, 4), ("4", 4), ("4.0", 4), ("-1", -1), (-1.0, -1), ("8,192", 8192), ("8.192", 8192),
        ("1 234", 1234), ("1\u00a0234", 1234), ("1'234'567", 1234567), ("00700", 700), ("", None), (" ", None),
    ],
)  # fmt: skip
def test_a_whole_number_may_be_a_float_or_text_with_separators(cell: object, value: int | None) -> None:
    assert to_integer(cell) == value


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (0.5, 0.5), ("1,234.5", 1234.5), ("1.234,5", 1234.5), ("12,5", 12.5), ("1.234.567", 1234567.0),
        ("2048.25", 2048.25), ("1e3", 1000.0), ("-1", -1.0), ("−7", -7.0), ("", None),
    ],
)  # fmt: skip
def test_a_number_may_be_text_of_either_notation(cell: object, value: float | None) -> None:
    assert to_number(cell) == value


@pytest.mark.parametrize(
    "cell",
    [
        "abc", "12 MB", "nan", "inf", "-inf", "1e999", "1_000", "1,2,3", "12,34,567", "192.168.1.20", "1,234,56",
        "0x10", "٣", math.nan, math.inf, -math.inf, 1e300, True, datetime(2026, 1, 1), time(1), "--1", "1e+",
    ],
)  # fmt: skip
def test_what_is_no_finite_number_is_refused(cell: object) -> None:
    with pytest.raises(UnreadableError):
        to_number(cell)


@pytest.mark.parametrize("cell", [0.5, "4.5", 2.0**31, "99999999999", -(2.0**31) - 1, "192.168.100.200"])
def test_a_whole_number_is_whole_and_fits_32_bits(cell: object) -> None:
    with pytest.raises(UnreadableError):
        to_integer(cell)


def test_only_a_percentage_may_have_a_percent_sign() -> None:
    assert to_pct("12.5%") == 12.5
    assert to_pct("3 %") == 3.0
    assert to_pct(49.0) == 49.0
    with pytest.raises(UnreadableError):
        to_number("12.5%")


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (datetime(2018, 3, 19, 14, 46, 51), datetime(2018, 3, 19, 14, 46, 51)),
        (datetime(2018, 3, 19, 14, 46, 50, 999_600), datetime(2018, 3, 19, 14, 46, 51)),
        (date(2018, 3, 19), datetime(2018, 3, 19)),
        ("2018/03/19 14:46:51", datetime(2018, 3, 19, 14, 46, 51)),
        ("2026-04-13 17:26:30", datetime(2026, 4, 13, 17, 26, 30)),
        ("2018-03-19T21:49:09.076442Z", datetime(2018, 3, 19, 21, 49, 9)),
        ("2026-01-09T07:00:23.920+02:00", datetime(2026, 1, 9, 7, 0, 23)),
        ("2026/9/1", datetime(2026, 9, 1)),
        ("4/4/2018 5:25:31 PM", datetime(2018, 4, 4, 17, 25, 31)),
        ("12/31/2018 12:00:00 AM", datetime(2018, 12, 31)),
        ("31.12.2018 23:59", datetime(2018, 12, 31, 23, 59)),
        (45_000.5, datetime(2023, 3, 15, 12)),
        ("Never", None),
        ("", None),
        (0.0, None),
        (time(0), None),
        (datetime(1899, 12, 31), None),
    ],
)
def test_a_date_comes_in_the_notations_seen(cell: object, value: datetime | None) -> None:
    assert to_datetime(cell) == value


@pytest.mark.parametrize(
    "cell",
    [
        datetime(1969, 12, 31, 18),
        datetime(1970, 1, 1),
        "1970/01/01 01:00:00",
        "1969-12-31T22:00:00Z",
        "0001/01/01",
    ],
)
def test_the_epoch_means_unknown(cell: object) -> None:
    assert to_datetime(cell) is None


@pytest.mark.parametrize(
    "cell",
    [
        "4/5/2018 17:25:31",
        "2018/13/01",
        "2018-02-30",
        "soon",
        "13/1/2018 13:00:00 PM",
        True,
        5.0,
        "2018/01-02",
        math.inf,
        -math.inf,
        math.nan,
    ],
)
def test_a_date_that_cannot_be_told_is_refused(cell: object) -> None:
    with pytest.raises(UnreadableError):
        to_datetime(cell)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (400.0, "400"), (8.5, "8.5"), (7, "7"), (True, "True"), ("00700", "00700"), ("8.0", "8.0"),
        ("192.168.100.200", "192.168.100.200"), ("  web 1  ", "web 1"), ("a\x00b\x07", "ab"),
        ("a\r\nb\tc\rd", "a\nb\tc\nd"),
        ("", None), (" \x00 ", None), (datetime(2025, 5, 5, 16, 11, 49), "2025/05/05 16:11:49"),
        (date(2025, 5, 5), "2025/05/05 00:00:00"), (1e20, "1e+20"),
    ],
)  # fmt: skip
def test_text_stays_as_it_is_and_numbers_are_written_without_point_zero(
    cell: object, value: str | None
) -> None:
    assert to_text(cell) == value


def test_a_name_is_cut_to_what_its_column_holds_and_counted() -> None:
    said: list[tuple[int, object]] = []
    column = ColumnReader(Kind.NAME, cut=lambda number, cell: said.append((number, cell)))
    long = "x" * 300
    assert column.read(["a", long, long], [2, 3, 4]) == ["a", "x" * NAME_LENGTH, "x" * NAME_LENGTH]
    assert column.cut == 2
    assert said == [(3, long), (4, long)]


def test_text_of_any_length_is_kept() -> None:
    column = ColumnReader(Kind.TEXT)
    assert column.read(["x" * 5000], [2]) == ["x" * 5000]
    assert column.cut == 0


def test_a_column_says_which_cells_it_could_not_read_and_remembers_the_first() -> None:
    said: list[tuple[int, object]] = []
    column = ColumnReader(Kind.INTEGER, refuse=lambda number, cell: said.append((number, cell)))
    assert column.read([1.0, "x", "", "x", "7"], [2, 3, 4, 5, 6]) == [1, None, None, None, 7]
    assert column.read(["y"], [7]) == [None]
    assert (column.refused, column.first_refused) == (3, (3, "x"))
    assert said == [(3, "x"), (5, "x"), (7, "y")]


cells = st.one_of(
    st.text(max_size=30),
    st.floats(),
    st.integers(),
    st.booleans(),
    st.datetimes(),
    st.dates(),
    st.times(),
    st.timedeltas(min_value=timedelta(0)),
    st.from_regex(r"[-+]?[0-9.,' ]{1,20}%?", fullmatch=True),
    st.from_regex(
        r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}( [0-9]{1,2}:[0-9]{2}(:[0-9]{2})?( [AP]M)?)?",
        fullmatch=True,
    ),
)
KINDS = {
    Kind.NAME: str, Kind.TEXT: str, Kind.INTEGER: int, Kind.BOOLEAN: bool, Kind.DATETIME: datetime,
    Kind.NUMBER: float, Kind.MIB: float, Kind.PCT: float,
}  # fmt: skip


@pytest.mark.parametrize("kind", list(KINDS), ids=str)
@settings(deadline=None)
@given(cell=cells)
def test_any_cell_becomes_a_value_of_its_kind_or_unknown_or_is_refused(kind: Kind, cell: object) -> None:
    try:
        value = CONVERTERS[kind](cell)
    except UnreadableError:
        return
    assert value is None or type(value) is KINDS[kind]
    if isinstance(value, str):
        assert value == value.strip() != ""
        assert "\x00" not in value
    elif isinstance(value, datetime):
        assert value.tzinfo is None
        assert value.year >= 1970
    elif isinstance(value, int | float):
        assert abs(value) <= (LARGEST_INTEGER + 1 if kind is Kind.INTEGER else LARGEST_NUMBER)


@settings(deadline=None)
@given(st.lists(cells, max_size=20), st.sampled_from(list(KINDS)))
def test_a_column_reads_as_its_cells_do(column: list[object], kind: Kind) -> None:
    def one(cell: object) -> object:
        try:
            return CONVERTERS[kind](cell)
        except UnreadableError:
            return None

    assert ColumnReader(kind).read(column, range(len(column))) == [one(cell) for cell in column]


@settings(deadline=None)
@given(st.integers(-LARGEST_INTEGER, LARGEST_INTEGER))
def test_a_number_survives_every_way_of_writing_it(number: int) -> None:
    for text in (
        str(number),
        f"{number:,}",
        f"{number:,}".replace(",", "."),
        f"{number}.0",
        f"{number:,}".replace(",", " "),
    ):
        assert to_integer(text) == number


@settings(deadline=None)
@given(st.datetimes(datetime(1971, 1, 1), datetime(2099, 1, 1)))
def test_a_time_survives_every_way_of_writing_it(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    for layout in ("%Y/%m/%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%m/%d/%Y %I:%M:%S %p", "%d.%m.%Y %H:%M:%S"):
        assert to_datetime(moment.strftime(layout)) == moment


def read_measures(*columns: list[Any]) -> list[list[Any]]:
    """What columns of one sheet give that hold sizes."""
    notation = Notation()
    readers = [ColumnReader(Kind.MIB, notation=notation) for _column in columns]
    for reader, cells in zip(readers, columns, strict=True):
        reader.learn(cells)
    return [reader.read(cells, range(len(cells))) for reader, cells in zip(readers, columns, strict=True)]


@pytest.mark.parametrize("sure", ["0,125", "12,5", "1234,567", "1.234,5", "0,5 %"])
def test_a_comma_that_can_only_be_a_decimal_one_settles_it_for_the_whole_sheet(sure: str) -> None:
    [sizes, _others] = read_measures(
        ["234,567", "8.192", "1.048.576", "-1", 7.5, "234,567"], [sure.strip(" %")]
    )
    assert sizes == [234.567, 8192, 1_048_576, -1, 7.5, 234.567]


def test_dots_that_can_only_be_thousands_settle_it_for_the_whole_sheet() -> None:
    assert read_measures(["8.192", "512"], ["1.048.576"]) == [[8192, 512], [1_048_576]]


def test_a_column_of_sizes_that_all_have_dots_before_their_last_three_digits_has_thousands() -> None:
    memory = ["4.096", "512", "", "16.384", "4.096", "-1", "32.768"]
    assert read_measures(memory, ["8.192"]) == [[4096, 512, None, 16_384, 4096, -1, 32_768], [8192]]


@pytest.mark.parametrize("otherwise", ["4.09", "1234.567", "4096", "0.125", "4,096", 4.5])
def test_a_size_that_speaks_against_thousands_keeps_the_decimal_points(otherwise: object) -> None:
    [sizes] = read_measures(["4.096", "16.384", "32.768", otherwise])
    assert sizes[:3] == [4.096, 16.384, 32.768]


def test_two_sizes_with_dots_are_too_few_to_be_thousands() -> None:
    assert read_measures(["4.096", "16.384", "4.096"]) == [[4.096, 16.384, 4.096]]


def test_a_percentage_has_no_thousands() -> None:
    column = ColumnReader(Kind.PCT)
    column.learn(["12.345", "23.456", "34.567"])
    assert column.read(["12.345"], [2]) == [12.345]


def test_without_such_a_comma_three_digits_behind_it_are_thousands() -> None:
    assert read_measures(["234,567", "8.192", "1,048,576"], ["1,234.5"]) == [
        [234_567, 8.192, 1_048_576],
        [1234.5],
    ]


def test_what_was_read_before_the_comma_was_known_is_not_remembered() -> None:
    column = ColumnReader(Kind.MIB)
    assert column.read(["1,234"], [2]) == [1234]
    column.learn(["0,5"])
    assert column.read(["1,234"], [3]) == [1.234]


def test_a_whole_number_has_no_decimal_comma() -> None:
    column = ColumnReader(Kind.INTEGER)
    column.learn(["0,5"])
    assert column.read(["1,234", "8.192"], [2, 3]) == [1234, 8192]


@pytest.mark.parametrize(
    "cell", [b"bytes", object(), [1], {"a": 1}, 1j, float("nan"), float("inf"), timedelta(1), time(1)]
)
@pytest.mark.parametrize("kind", Kind)
def test_a_cell_of_an_unknown_kind_is_text_or_left_empty(kind: Kind, cell: object) -> None:
    [value] = ColumnReader(kind).read([cell], [2])
    assert value == to_text(cell) if kind in {Kind.NAME, Kind.TEXT} else value is None
