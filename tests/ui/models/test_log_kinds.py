"""Every event has its place in the log: chips, shape and tone."""

from __future__ import annotations

import pytest

from app.run import events as e
from ui.models.log_kinds import ALL, COMMANDS, DECISIONS, UNDOS, WARNINGS, filters_of, glyph_of, tone_of
from ui.tokens import Tone


@pytest.mark.parametrize("kind", e.EVENTS, ids=lambda kind: kind.__name__)
def test_every_event_has_a_shape_a_tone_and_its_chips(kind: type[e.Event]) -> None:
    event = made(kind)
    assert glyph_of(event)
    assert tone_of(event)
    quiet = kind in {e.OutputCaptured, e.MetricRead, e.WayBackProbed, e.RowsCounted}
    assert (ALL in filters_of(event)) is not quiet


def test_what_failed_is_red_and_a_warning() -> None:
    failed = e.StepFailed("a", 1, "exit 4")
    assert tone_of(failed) is Tone.BAD
    assert {WARNINGS, COMMANDS} <= set(filters_of(failed))


def test_undos_have_a_chip_of_their_own() -> None:
    assert UNDOS in filters_of(e.StepSucceeded("a/undo/1", 1, "exit 0"))
    assert UNDOS not in filters_of(e.StepSucceeded("a", 1, "exit 0"))


def test_what_people_say_is_a_decision() -> None:
    assert DECISIONS in filters_of(e.NoteAdded("ana", "quiet"))


def made(kind: type[e.Event]) -> e.Event:
    """An event of this class with the smallest values its fields can have."""
    values: dict[str, object] = {"str": "x", "int": 0}
    fields = kind.__dataclass_fields__
    return kind(**{name: values.get(str(field.type), ()) for name, field in fields.items()})
