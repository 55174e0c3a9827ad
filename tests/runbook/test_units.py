"""Units are read as people write them, and written back so that they are read the same."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.runbook.units import (
    Quantity,
    Share,
    format_duration,
    format_offset,
    format_size,
    parse_duration,
    parse_offset,
    parse_quantity,
    parse_share,
    parse_size,
)


@given(
    st.timedeltas(timedelta(), timedelta(days=30_000)).map(
        lambda d: timedelta(milliseconds=d // timedelta(milliseconds=1))
    )
)
def test_a_length_of_time_survives_being_written(length: timedelta) -> None:
    assert parse_duration(format_duration(length)) == length


@given(st.integers(-(10**6), 10**6).map(lambda n: timedelta(seconds=n)))
def test_an_offset_survives_being_written(offset: timedelta) -> None:
    assert parse_offset(format_offset(offset)) == offset


@given(st.integers(0, 10**15))
def test_a_size_survives_being_written(size: int) -> None:
    assert parse_size(format_size(size)) == size


@pytest.mark.parametrize("text", ["", "5", "5 m", "m5", "5m5h", "1.5h", "-5m", "5mm", "9" * 30 + "s", "99999999d"])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["T", "T-", "T-2", "2h", "t-2h", "T*2h", "T--2h"])
def test_what_is_no_offset_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        parse_offset(text)


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("5%", Quantity(5, "%")),
        ("0ms", Quantity(0, "ms")),
        ("0 rows", Quantity(0, "rows")),
        ("1.2x baseline", Quantity(1.2, "x baseline")),
        ("-3", Quantity(-3)),
        ("1h30m", Quantity(5400, "s")),
        ("2h", Quantity(2, "h")),
        ("on", None),
        ("${params.x}", None),
    ],
)
def test_a_figure_is_read_with_its_unit(text: str, quantity: Quantity | None) -> None:
    assert parse_quantity(text) == quantity


def test_a_share_of_something_is_at_least_one() -> None:
    assert [Share(percent).of(10) for percent in (1, 25, 100)] == [1, 3, 10]
    assert parse_share("25%").of(0) == 0
