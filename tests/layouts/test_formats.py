from datetime import datetime

import pytest

from data.fields import MACHINE_FIELDS
from layouts.shared import formats

TIB = 1024**2


@pytest.mark.parametrize(
    ("mib", "shown"),
    [
        (1 / 1024, "1 KiB"),
        (0.75, "768 KiB"),
        (1, "1 MiB"),
        (1.25, "1.2 MiB"),
        (1023, "1,023 MiB"),
        (1024, "1 GiB"),
        (1536, "1.5 GiB"),
        (8151.04, "8.0 GiB"),
        (TIB, "1.0 TiB"),
        (1024 * TIB, "1.0 PiB"),
        (3000 * 1024 * TIB, "3,000.0 PiB"),
        (-2048, "-2 GiB"),
    ],
)
def test_a_size_is_shown_in_the_unit_that_keeps_it_below_1024(mib: float, shown: str) -> None:
    assert formats.size(mib) == shown


def test_a_size_that_would_round_to_1024_takes_the_next_unit() -> None:
    assert formats.size(1023.97 * 1024) == "1.0 TiB"


def test_a_kib_field_is_scaled_like_any_size() -> None:
    assert formats.value("video_ram_kib", 4096) == "4 MiB"


@pytest.mark.parametrize("key", {field.kind: field.key for field in MACHINE_FIELDS}.values())
def test_a_blank_value_of_any_kind_is_a_dash(key: str) -> None:
    assert formats.value(key, None) == "–"


def test_a_zero_is_shown_as_zero_and_not_as_unknown() -> None:
    assert formats.value("cpus", 0) == "0"
    assert formats.size(0) == "0 MiB"
    assert formats.share(0) == "0 %"


def test_an_unset_flag_is_a_no_and_a_blank_one_is_unknown() -> None:
    assert formats.value("template", False) == "No"
    assert formats.value("template", 0) == "No"
    assert formats.value("template", None) == "–"


def test_a_moment_keeps_leading_zeros_of_the_time_and_none_of_the_day() -> None:
    assert formats.value("created_at", datetime.fromisoformat("2022-03-04T09:05:59")) == "4 Mar 2022, 09:05"


def test_all_but_one_of_a_large_estate_is_not_100_percent() -> None:
    assert formats.share(100 * 7988 / 7989) == "> 99.9 %"
    assert formats.share(100 * 7988 / 7989, 0) == "> 99 %"


def test_one_of_a_large_estate_is_not_0_percent() -> None:
    assert formats.share(100 / 7989) == "< 0.1 %"
