"""Before the first step every target is looked at in both directions, unless that was done a short while ago."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from app.connectors.clock import SystemClock
from app.errors import AnswerMissing, Refused
from app.run import events as e
from app.session import Session, new_run
from app.session.look_ahead import look_ahead
from app.session.preflight import LIFE
from app.session.preflight_kept import keep, kept
from tests.session.conversation import order, stage_is, until, write

BACK = """
- id: p
  steps:
    - id: one
      sql: {db: db, run: "insert into t values (1)"}
      changes: reversible
      undo: [{sql: {db: db, run: "delete from TABLE"}}]
"""


def book(folder: Path, table: str = "t") -> Path:
    if not (folder / "a.db").exists():
        with sqlite3.connect(folder / "a.db") as db:
            db.execute("create table t (n int)")
        db.close()
    return write(folder, BACK.replace("TABLE", table), f"databases: {{db: {{url: 'sqlite:///{folder}/a.db'}}}}")


def notes(session: Session) -> list[str]:
    with session.reader() as reader:
        return [one.event.text for one in reader.since(0) if isinstance(one.event, e.NoteAdded)]


def finished(session: Session) -> list[str]:
    try:
        until(session, stage_is("finished"), 30)
        return notes(session)
    finally:
        session.detach()


def test_a_way_back_that_cannot_be_gone_refuses_the_run_before_anything_is_written(tmp_path: Path) -> None:
    path = book(tmp_path, "nowhere")
    with pytest.raises(Refused, match="cannot delete nowhere: ") as told:
        new_run(order(path, tmp_path / "home"))
    assert told.value.exit_code == 1 and told.value.hint.startswith("Nothing was started")
    assert not (tmp_path / "home" / "runs").exists()
    db = sqlite3.connect(tmp_path / "a.db")
    assert db.execute("select count(*) from t").fetchone() == (0,)
    db.close()


def test_the_record_says_when_everything_was_looked_at_and_what_was_wanting(tmp_path: Path) -> None:
    steps = "- {id: p, steps: [{id: a, local: {argv: ['true']}, changes: nothing}]}"
    closed = "{id: web, http: {url: 'http://127.0.0.1:9/'}, on_fail: continue}"
    path = write(tmp_path, steps.replace("}]}", f"}}, {closed}]}}"), "locks: [orders]")
    told = finished(new_run(order(path, tmp_path / "home")))
    assert any(text.startswith("locks: Nothing holds orders") for text in told)
    assert any(text.startswith("web: 127.0.0.1:9") for text in told), "it did not answer, and may by then"
    (last,) = [text for text in told if text.startswith("Preflight at ")]
    assert "1 with a warning, 1 did not answer" in last


def test_a_look_that_is_fresh_is_not_done_again_and_one_that_expired_is(tmp_path: Path) -> None:
    path, home = book(tmp_path), tmp_path / "home"
    found = look_ahead(order(path, home))
    assert found.ok
    assert any(text.startswith(f"Preflight of {found.began:%H:%M:%S}") for text in finished(new_run(order(path, home))))
    (file,) = (home / "preflight").glob("*.json")
    assert file.stat().st_mode & 0o777 == 0o600
    now = SystemClock().now()
    assert kept(home, file.stem, now) == found
    assert kept(home, file.stem, found.began + LIFE) is None
    file.write_text(file.read_text().replace(found.began.isoformat(), (now - LIFE - timedelta(minutes=1)).isoformat()))
    assert any(text.startswith("Preflight at ") for text in finished(new_run(order(path, home))))


def test_a_look_at_another_text_or_with_other_parameters_says_nothing_about_this_run(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert look_ahead(order(book(tmp_path), home)).ok
    with pytest.raises(Refused, match="cannot delete nowhere"):
        new_run(order(book(tmp_path, "nowhere"), home))


def test_what_stood_in_the_way_is_looked_at_again_and_forgotten_results_go(tmp_path: Path) -> None:
    path, home = book(tmp_path), tmp_path / "home"
    assert look_ahead(order(path, home)).ok
    (file,) = (home / "preflight").glob("*.json")
    (tmp_path / "a.db").rename(tmp_path / "away.db")
    assert not look_ahead(order(path, home)).ok
    assert not file.exists()
    (tmp_path / "away.db").rename(tmp_path / "a.db")
    assert any(text.startswith("Preflight at ") for text in finished(new_run(order(path, home))))


def test_a_kept_look_that_is_damaged_is_none(tmp_path: Path) -> None:
    found = look_ahead(order(book(tmp_path), tmp_path / "home"))
    (file,) = (tmp_path / "home" / "preflight").glob("*.json")
    for text in ("", "{", "[]", '{"lines": [{"seen": 1}], "began": "x"}'):
        file.write_text(text)
        assert kept(tmp_path / "home", file.stem, found.began) is None
    keep(tmp_path / "home", file.stem, found)
    assert kept(tmp_path / "home", file.stem, found.began) == found


def test_a_secret_that_is_missing_is_asked_for_before_anything_else_happens(tmp_path: Path) -> None:
    steps = """
    - id: p
      steps:
        - {id: a, local: {argv: ['true']}, changes: nothing}
        - {id: b, local: {argv: ['true'], env: {PW: "${secrets.pw}"}}, changes: nothing}
    """
    path = write(tmp_path, steps, "secrets: {pw: {from: env, name: NOT_SET_HERE}}")
    with pytest.raises((Refused, AnswerMissing), match="NOT_SET_HERE"):
        new_run(order(path, tmp_path / "home"))
    assert not (tmp_path / "home" / "runs").exists()


SQL_FILE = """
- id: p
  steps: [{id: a, sql: {db: db, file: make.sql}, changes: reversible, undo: {none: harmless}}]
"""


def with_a_file(folder: Path) -> Path:
    sqlite3.connect(folder / "a.db").close()
    (folder / "make.sql").write_text("create table looked_at (n int)", encoding="utf-8")
    return write(folder, SQL_FILE, f"databases: {{db: {{url: 'sqlite:///{folder}/a.db'}}}}")


def test_what_runs_is_the_text_that_was_looked_at_although_its_file_changes_meanwhile(tmp_path: Path) -> None:
    """Asking for a secret is between the reading of the file and the look: a person has the time to save it anew."""
    path = with_a_file(tmp_path)
    needs = "{id: b, local: {argv: ['true'], env: {W: '${secrets.word}'}}, changes: nothing}, {id: a"
    more = f"databases: {{db: {{url: 'sqlite:///{tmp_path}/a.db'}}}}\nsecrets: {{word: {{from: prompt}}}}"
    write(tmp_path, SQL_FILE.replace("{id: a", needs), more)

    def ask(question: str) -> str:
        (tmp_path / "make.sql").write_text(f"create table not_looked_at (n int) -- {len(question)}", encoding="utf-8")
        return "long-enough-a-word"

    session = new_run(order(path, tmp_path / "home", ask=ask))
    finished(session)
    assert "not_looked_at" in (tmp_path / "make.sql").read_text(encoding="utf-8")
    assert dict(session.state.files) == {"make.sql": "create table looked_at (n int)"}
    db = sqlite3.connect(tmp_path / "a.db")
    names = {row[0] for row in db.execute("select name from sqlite_master")}
    db.close()
    assert "looked_at" in names and "not_looked_at" not in names


@pytest.mark.parametrize("changed", ["make.sql", "book.yaml"])
def test_a_run_of_another_text_than_the_one_agreed_to_is_refused(tmp_path: Path, changed: str) -> None:
    path, home = with_a_file(tmp_path), tmp_path / "home"
    found = look_ahead(order(path, home))
    file = tmp_path / changed
    before = file.read_text(encoding="utf-8")
    file.write_text(before + ("\n" if changed == "make.sql" else "# a word\n"), encoding="utf-8")
    with pytest.raises(Refused, match="was changed after it was looked at"):
        new_run(order(path, home, looked=found.key))
    assert not (home / "runs").exists()
    file.write_text(before, encoding="utf-8")
    finished(new_run(order(path, home, looked=found.key)))
