"""Output as lines: whole, bounded, in the tone the step itself gave it, and never twice."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

from app.run.events import OutputCaptured, Recorded
from ui.models.output import MOST_AT_ONCE, OutputLines, tone_of
from ui.tokens import Tone


def test_a_line_cut_in_two_is_shown_once_and_whole() -> None:
    lines = OutputLines(UTC)
    assert lines.add(wrote(1, "one\ntw")) != []
    assert [one.text[10:] for one in lines.add(wrote(2, "o\n"))] == ["two"]


def test_a_last_line_without_an_end_appears_when_the_step_is_over() -> None:
    lines = OutputLines(UTC)
    assert lines.add(wrote(1, "done")) == []
    assert [one.text[10:] for one in lines.finish(wrote(2, ""), "a")] == ["done"]


def test_faster_than_anybody_reads_is_said_and_filled_in_later() -> None:
    lines = OutputLines(UTC)
    shown = lines.add(wrote(1, "".join(f"{n}\n" for n in range(5_000))))
    assert len(shown) == MOST_AT_ONCE + 1
    assert "4800 lines" in shown[0].text
    assert shown[-1].text.endswith("4999")
    assert lines.gaps == {"a"}
    assert len(lines.fill("a", [wrote(1, "".join(f"{n}\n" for n in range(5_000)))])) == 5_000
    assert lines.gaps == set()


def test_what_was_read_from_the_record_is_not_shown_again() -> None:
    lines = OutputLines(UTC)
    lines.fill("a", [wrote(1, "one\n"), wrote(2, "two\n")])
    assert lines.add(wrote(2, "two\n")) == []
    assert [one.text[10:] for one in lines.of("a") or []] == ["one", "two"]


def test_bytes_that_are_no_text_are_spelled_out() -> None:
    lines = OutputLines(UTC)
    event = OutputCaptured("a", 1, "out", 0, base64.b64encode(b"\xff\n").decode())
    assert lines.add(Recorded(1, AT, 0, "boot", 0, event, ""))[0].text.endswith("\\xff")


def test_the_tone_is_what_the_step_says() -> None:
    assert tone_of("ERROR: no such table", "out") is Tone.BAD
    assert tone_of("warn  slow query", "out") is Tone.WARN
    assert tone_of("errors 0", "out") is Tone.TEXT
    assert tone_of("anything", "err") is Tone.WARN


AT = datetime(2026, 3, 14, 2, 23, 39, tzinfo=UTC)


def wrote(seq: int, text: str) -> Recorded:
    data = base64.b64encode(text.encode()).decode()
    return Recorded(seq, AT, 0, "boot", 0, OutputCaptured("a", 1, "out", 0, data), "")
