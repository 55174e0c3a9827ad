"""A record of another form is not touched: a newer one is refused in a clear sentence, a nameless one is damage."""

from pathlib import Path

import apsw
import pytest

from app.errors import RecordDamaged, Refused
from app.journal.chain import verify
from app.journal.inbox import put_request
from app.journal.store import open_for_driving, open_readonly
from app.journal.upgrade import APPLICATION, VERSION
from app.run.requests import Hold
from tests.journal.records import Ticking


def set_pragma(record: Path, name: str, value: int) -> None:
    db = apsw.Connection(str(record))
    db.execute(f"PRAGMA {name} = {value}")
    db.close()


def test_a_newer_record_is_refused_by_every_door(record: Path) -> None:
    set_pragma(record, "user_version", VERSION + 1)
    doors = (
        lambda: open_for_driving(record, Ticking()),
        lambda: open_readonly(record),
        lambda: verify(record),
        lambda: put_request(record, Hold("bob"), Ticking()),
    )
    for door in doors:
        with pytest.raises(Refused, match=f"has the form {VERSION + 1}; Tminus .* knows forms up to {VERSION}"):
            door()
    assert [file.name for file in record.parent.iterdir()] == [record.name]


def test_a_record_without_a_form_is_damage(record: Path) -> None:
    set_pragma(record, "user_version", 0)
    with pytest.raises(RecordDamaged):
        open_for_driving(record, Ticking())
    assert not verify(record).ok


def test_any_tool_can_tell_that_the_file_is_a_record(record: Path) -> None:
    assert record.read_bytes()[68:72] == APPLICATION.to_bytes(4, "big") == b"TMNS"
