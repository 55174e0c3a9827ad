"""Opening a runbook: its digest, its problems in file order, and 2,000 steps in under a second."""

import gc
import hashlib
import time
from pathlib import Path

import pytest

from app.errors import Refused, RunbookInvalid
from app.runbook.load import load, load_text
from tests.runbook.sample import DATA, KINDS, LEDGER, replaced


def test_a_runbook_is_loaded_with_its_text_and_digest() -> None:
    path = DATA / "ledger-engine.yaml"
    found = load(path, KINDS)
    assert found.problems == ()
    assert found.text == path.read_bytes()
    assert found.digest == hashlib.sha256(found.text).hexdigest()
    assert found.sound().name == "ledger-engine"


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        load(tmp_path / "none.yaml", KINDS)
    with pytest.raises(Refused, match="cannot be read"):
        load(tmp_path, KINDS)


def test_errors_block_and_are_all_carried() -> None:
    broken = replaced(LEDGER, "leave: [freeze]\n      - id: backup", "leave: [frieze]\n      - id: backup")
    found = load_text(broken.encode(), "it.yaml", KINDS)
    with pytest.raises(RunbookInvalid) as invalid:
        found.sound()
    assert invalid.value.problems == found.problems
    lines = [problem.place.line for problem in found.problems]
    assert lines == sorted(lines)


def test_cycle_collection_is_left_as_it_was() -> None:
    for collecting in (True, False, True):
        (gc.enable if collecting else gc.disable)()
        load_text(LEDGER.encode(), "it.yaml", KINDS)
        assert gc.isenabled() is collecting


def step(number: int) -> str:
    head = f"id: s{number}, owner: dba, est: 1m"
    shapes = (
        "changes: nothing, sql: {db: d, run: 'select count(*) as n from t'}, expect: {row.n: '> 1'}, save: {n: row.n}",
        f"changes: reversible, local: {{argv: [a, '${{steps.s{number - 1}.n}}', x]}}, undo: [{{check: {{}}}}]",
        "check: {text: Look}",
        f"changes: nothing, sql: {{db: d, run: 'select x.n[1] from (select array[{number}] n) x'}}",
        "wait: {until: {sql: {db: d, run: select 1 as n}, row.n: == 1}, every: 1s, timeout: 5m}",
        "http: {url: 'http://x/${params.p}'}, expect: {status: 200}, retry: {times: 2, every: 1s}",
        f"changes: reversible, sql: {{db: d, run: 'update t set a = {number}'}}, undo: {{none: harmless}}",
        f"decide: {{ask: Go?, by: [dba], facts: [s{number - 1}]}}, track: t{number % 5}",
    )
    return f"      - {{{head}, {shapes[number % len(shapes)]}}}\n"


def large() -> bytes:
    head = "runbook: 1\nname: large\nroles: {dba: {people: [a, b]}}\nparams: {p: {type: text, default: x}}\n"
    head += "databases: {d: {url: 'postgresql://x/y'}}\nphases:\n  - id: p\n    rollback: {est: 40h}\n    steps:\n"
    return (head + "".join(step(number) for number in range(2000))).encode()


def test_two_thousand_steps_are_checked_in_under_a_second() -> None:
    text = large()
    spent = []
    for _ in range(3):  # the first reading also imports; other programs share the machine
        started = time.process_time()
        found = load_text(text, "it.yaml", KINDS)
        spent.append(time.process_time() - started)
        assert found.problems == ()
    assert min(spent) < 1.0
