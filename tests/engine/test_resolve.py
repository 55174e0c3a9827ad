"""What runs is the text that stands in the record: of a step, of its probe and of what it waits for."""

from __future__ import annotations

from typing import Any

from app.engine.resolve import with_files
from app.runbook.parse import step_from
from app.steps import BUILT_IN

KINDS = {kind.name: kind for kind in BUILT_IN}
FILES = {"look.sql": "select 1 as n"}


def test_the_files_of_a_step_its_probe_and_its_wait_are_filled_in() -> None:
    sql = {"sql": {"db": "d", "file": "look.sql"}}
    plain: Any = with_files(step_from({**sql, "changes": "nothing", "probe": sql}, KINDS), FILES)
    wait = {"until": {**sql, "row.n": "== 1"}, "every": "1s", "timeout": "10s"}
    waits: Any = with_files(step_from({"wait": wait}, KINDS), FILES)
    for body in (plain.body, plain.probe.body, waits.body.until.body):
        assert (body.run, body.file) == ("select 1 as n", "")
