"""A whole run against real targets: its sentences as an operator reads them, what was done there, and its record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Self

from app.reports.sentences import sentence
from app.run import events as e
from app.run.state import RunState, Status
from app.session import Session, verify_run
from tests.session.conversation import new_run, order, r, stage_is, until, write

PATIENCE = 60.0


class Trial:
    """Runs of runbooks in one folder. `FOLDER` and `LEDGER` in their text stand for the folder and a file in it.

    A command that must run once writes its ticket into the ledger: `echo $TMINUS_TICKET >>LEDGER`.
    """

    def __init__(self, folder: Path, home: Path, more: str = "") -> None:
        self.folder, self.home, self.more = folder, home, more
        self._sessions: list[Session] = []

    def start(self, phases: str) -> Session:
        """Begin. Raises Refused when preflight refuses; then there is no record."""
        path = write(self.folder, self._filled(phases), self._filled(self.more))
        self._sessions.append(new_run(order(path, self.home)))
        return self._sessions[-1]

    def step(self, body: str, **fields: str) -> Session:
        """Begin a run of one question `look`, then one step `s` of this kind and body."""
        more = "".join(f", {name}: {value}" for name, value in ({"changes": "nothing"} | fields).items())
        return self.start(
            f"""
            - id: p
              steps:
                - {{id: look, check: {{text: ready}}}}
                - {{id: s, {body}{more}}}
            """
        )

    def adopt(self, session: Session) -> None:
        """A session that somebody else began; it is let go of with the others."""
        self._sessions.append(session)

    def go(self, session: Session) -> None:
        """Answer the question `look`."""
        self.go_when(session, lambda: None)

    def go_when(self, session: Session, ready: Callable[[], None]) -> None:
        """Answer it after this was called, as the last thing before the step."""
        until(session, lambda s: s.status("look") is Status.WAITING, PATIENCE)
        ready()
        session.send(r.Answer("ana", "look", "done"))

    def see(self, session: Session, status: Status, address: str = "s") -> RunState:
        """Wait until the step stands so."""
        return until(session, lambda s: s.status(address) is status, PATIENCE)

    def again(self, session: Session, address: str = "s") -> RunState:
        """Another attempt, to the end of the run."""
        session.send(r.Retry("ana", address, "mended"))
        return until(session, stage_is("finished"), PATIENCE)

    def finished(self, session: Session) -> RunState:
        """The end of the run."""
        return until(session, stage_is("finished"), PATIENCE)

    def told(self, session: Session, kind: type[e.Event]) -> list[str]:
        """The sentences of this kind of event, oldest first."""
        with session.reader() as reader:
            found = [one for one in reader.since(0) if isinstance(one.event, kind)]
        return [sentence(one, session.state.plan) for one in found]

    def says(self, session: Session, kind: type[e.Event]) -> str:
        """The last sentence of this kind; plain words, as every sentence must be."""
        said = self.told(session, kind)[-1]
        lowered = said.lower()
        for word in ("traceback", "paramiko", "psycopg", "pymysql", "httpx", "sqlalche", "errno", "object at 0x", "!"):
            assert word not in lowered, said
        assert "\n" not in said and "\x1b" not in said and len(said) < 700, said
        return said

    @property
    def ledger(self) -> Counter[str]:
        """How often each ticket ran, says the target."""
        file = self.folder / "ledger"
        return Counter(file.read_text().split()) if file.exists() else Counter()

    @property
    def records(self) -> list[Path]:
        """The records that there are."""
        return sorted((self.home / "runs").glob("*.tminus"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_trouble: object) -> None:
        """Let go of every run, also of a test that failed; each record must verify."""
        for session in self._sessions:
            session.detach()
        for path in self.records if kind is None else ():
            found = verify_run(self.home, path.stem)
            assert found.ok, found.problems

    def _filled(self, text: str) -> str:
        return text.replace("LEDGER", str(self.folder / "ledger")).replace("FOLDER", str(self.folder))
