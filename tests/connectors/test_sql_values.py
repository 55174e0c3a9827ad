"""Values travel as text that loses nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from app.connectors.sql_values import plain


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        (True, True),
        (7, 7),
        ("a", "a"),
        (Decimal("1.50"), "1.50"),
        (Decimal("1E+3"), "1000"),
        (Decimal("NaN"), "NaN"),
        (0.1, "0.1"),
        (datetime(2026, 3, 14, 22, 0, 0, 1, UTC), "2026-03-14T22:00:00.000001+00:00"),
        (date(2026, 3, 14), "2026-03-14"),
        (time(1, 2), "01:02:00"),
        (timedelta(hours=-1, microseconds=5), "-3599.999995"),
        (b"\x00\xff", "00ff"),
        (["a", Decimal("1.0")], '["a", "1.0"]'),
        ({"ä": None}, '{"ä": null}'),
    ],
)
def test_each_kind_of_value_has_one_form(value: object, text: object) -> None:
    assert plain(value) == text
