"""A replay leaves out what later entries supersede, and nothing else: the fold comes out the same."""

from pathlib import Path

import apsw

from app.journal.store import open_for_driving, open_readonly
from app.run.events import MetricAcknowledged, MetricRead, MetricReddened
from app.run.step_events import OutputCaptured
from tests.journal.records import Ticking, new, story


def out(address: str, attempt: int, stream: str, end: int) -> OutputCaptured:
    return OutputCaptured(address, attempt, stream, 0, "", end)


BULK = (
    out("a", 1, "out", 1),
    out("a", 1, "err", 2),
    MetricRead("m", 1, "5"),
    out("a", 1, "out", 3),
    MetricRead("", 1, "7"),
    MetricReddened("m", "5", "4"),
    out("b", 1, "out", 4),
    MetricRead("m", 2, "6"),
    MetricAcknowledged("m", "ann"),
    out("a", 2, "out", 5),
    out("a", 1, "out", 6),
)
KEPT = [2, 5, 6, 7, 8, 9, 10, 11]


def test_only_the_newest_of_each_stream_and_metric_is_replayed_and_all_else_in_order(path: Path) -> None:
    with new(path) as journal:
        journal.append(BULK)
        journal.append(story())
    with open_readonly(path) as reader, open_for_driving(path, Ticking()) as journal:
        whole = reader.since(0)
        kept = [one for one in whole if one.seq in KEPT or one.seq > len(BULK)]
        assert list(reader.replay()) == list(journal.replay()) == kept


def test_a_replay_reads_no_bulk(path: Path) -> None:
    with new(path) as journal:
        journal.append(BULK)
    db = apsw.Connection(str(path))
    db.execute("DROP TRIGGER event_stays; UPDATE event SET body = x'ff' WHERE seq IN (1, 3, 4)")
    db.close()
    with open_readonly(path) as reader:
        assert [one.seq for one in reader.replay()] == KEPT
