"""How connections are put into words: ages, expiry, and fingerprints that are never shown whole too early."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.session import connection_lines as lines
from app.session.connection_lines import Connection, Word
from app.session.preflight import LIFE
from ui.glyphs import Glyph
from ui.models.connection_rows import detail_of, groups_of, row_of, short_print, status_of

NOW = datetime(2026, 3, 14, 2, 0, tzinfo=UTC)
KEY = "SHA256:uN3rVq0x8LwEtY6dJm2sPz9KbR4hGf7aXc1oWkA5iDqLm"
HOST = Connection("host", "bak1", "bak1.prd", "dump")


def after(word: Word, age: timedelta = timedelta(minutes=2), line: Connection = HOST) -> Connection:
    return replace(
        line, tested=lines.Tested(word, "It said so.", NOW - age, shown=KEY, took=timedelta(milliseconds=21))
    )


@pytest.mark.parametrize(
    ("word", "glyph", "text"),
    [
        ("ok", Glyph.DONE, "ok, 2 min ago, 21 ms"),
        ("warning", Glyph.WARNING, "look at it, 2 min ago"),
        ("refused", Glyph.FAILED, "refused, 2 min ago"),
        ("away", Glyph.UNKNOWN, "no answer, 2 min ago"),
        ("stranger", Glyph.DECISION, "needs you, 2 min ago"),
        ("changed", Glyph.FAILED, "wrong key, 2 min ago"),
    ],
)
def test_every_end_of_a_test_has_a_shape_and_a_word_and_an_age(word: Word, glyph: Glyph, text: str) -> None:
    status = status_of(after(word), NOW, ())
    assert (status.glyph, status.text) == (glyph, text)


def test_what_went_well_too_long_ago_is_no_longer_well() -> None:
    almost = status_of(after("ok", LIFE - timedelta(seconds=1)), NOW, ())
    assert almost.glyph is Glyph.DONE
    old = status_of(after("ok", LIFE), NOW, ())
    assert (old.glyph, old.word) == (Glyph.WARNING, "old")
    assert "Test it again." in detail_of(after("ok", LIFE), NOW, ()).sentence


def test_what_is_being_tested_says_so_and_cannot_be_tested_twice() -> None:
    line = after("ok")
    assert status_of(line, NOW, {line.key}).glyph is Glyph.RUNNING
    assert not detail_of(line, NOW, {line.key}).may_test


def test_the_end_of_an_unknown_key_is_shown_nowhere() -> None:
    detail, row = detail_of(after("stranger"), NOW, ()), row_of(after("stranger"), NOW, ())
    assert detail.may_trust
    assert KEY[-4:] not in f"{detail} {row}".replace(" ", "")


def test_a_changed_key_is_shown_beside_the_known_one_and_cannot_be_trusted() -> None:
    line = after("changed", line=replace(HOST, known=("SHA256:" + "A" * 43, "/home/ana/known_hosts:3")))
    detail = detail_of(line, NOW, ())
    assert detail.stop and not detail.may_trust
    assert KEY.removeprefix("SHA256:") in detail.print.replace(" ", "")
    assert "A" * 43 in detail.print.replace(" ", "")


def test_a_fingerprint_is_read_out_in_fours() -> None:
    assert groups_of(KEY)[:2] == ("uN3r", "Vq0x")
    assert "".join(groups_of(KEY)) == KEY.removeprefix("SHA256:")
    assert short_print(KEY) == "SHA256:uN3r\u2026qLm"


def test_a_secret_that_is_typed_in_is_never_tested_and_never_set() -> None:
    detail = detail_of(Connection("secret", "token", source="prompt"), NOW, ())
    assert not (detail.may_test or detail.may_set or detail.may_forget)
    assert detail.chip.word == "asked at the start"
