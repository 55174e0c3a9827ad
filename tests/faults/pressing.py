"""One demo in which Roll back is pressed at a random instant, as a program: what it came to, as one line of JSON.

python -m tests.faults.pressing FOLDER SEED
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from app.demo import run as demo
from app.demo.proof import prove
from app.run import events as e
from app.run import requests as r
from app.run.state import RunState, Stage
from app.session import RunOrder, Session, new_run, verify_run

PATIENCE = 120.0
ENTRIES = 170
"""A whole forward run of the demo writes about this many; after the last of them its final boundary is far away yet."""


def press_anywhen(folder: Path, seed: int) -> dict[str, object]:
    """Drive a demo, press Roll back after a random number of entries and a little more, and prove what is left.

    found: sentences that do not hold (none, if all is well); at: the newest entry when it was pressed; where: what ran.
    """
    dice = random.Random(seed)
    wanted, pause = dice.randrange(1, ENTRIES), dice.choice([0.0, 0.0, dice.uniform(0, 0.08), dice.uniform(0, 1.5)])
    estate = demo.prepare(folder / "estate", "", orders=1500)
    params = {**estate.params, "usual": "2s", "watch": "2s"}
    session = new_run(RunOrder(estate.runbook, folder / "home", "ana", params=params))
    try:
        _go_forward(session, estate.answers, wanted)
        time.sleep(pause)
        at, where = session.state.seq, session.current().address
        early = not session.state.started
        session.send(r.RollBack("ana", countdown_ms=5000))
        session.send(r.RollBackNow("ana"))
        _until(session, _over)
        said = _refusals(session)
        state = session.state
    finally:
        session.detach("pressed and looked at")
        demo.stop(estate.folder)
    found = [] if state.back is None else [one.sentence for one in prove(estate.folder, "back") if not one.holds]
    if state.stage is Stage.INCOMPLETE:
        found.append(f"the way back is incomplete: {state.back.outcome if state.back else ''}")
    if state.back is None and not said:
        found.append("nothing was undone, and nobody said why")
    if not verify_run(folder / "home", session.run).ok:
        found.append("the record is not whole")
    return {"seed": seed, "at": at, "where": where, "early": early, "back": state.back is not None, "found": found}


def _go_forward(session: Session, answers: Mapping[str, str], wanted: int) -> None:
    """Answer what is asked until so many entries are on record."""
    answered: set[tuple[str, int]] = set()
    deadline = time.monotonic() + PATIENCE
    while session.state.seq < wanted and session.state.stage is Stage.FORWARD:
        assert time.monotonic() < deadline, f"stuck at {session.current()}"
        for address, step in session.state.steps.items():
            key = (address, step.gates_passed)
            if step.question is not None and key not in answered and address in answers:
                answered.add(key)
                session.send(r.Answer("ana", address, answers[address]))
        time.sleep(0.002)


def _over(state: RunState, said: list[str]) -> bool:
    if state.back is None:
        return bool(said) and state.countdown is None
    return state.stage in {Stage.ROLLED_BACK, Stage.INCOMPLETE}


def _until(session: Session, holds: Callable[[RunState, list[str]], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds(session.state, _refusals(session) if session.state.back is None else []):
        assert time.monotonic() < deadline, f"stuck at {session.current()}, {session.state.stage}"
        if session.ended and session.trouble is not None:
            raise session.trouble
        time.sleep(0.02)


def _refusals(session: Session) -> list[str]:
    with session.reader() as reader:
        events = [one.event for one in reader.since(0)]
    refused = [x.why for x in events if isinstance(x, e.RequestRefused)]
    return [*refused, *("called off" for x in events if isinstance(x, e.RollbackCalledOff))]


if __name__ == "__main__":
    print(json.dumps(press_anywhen(Path(sys.argv[1]), int(sys.argv[2]))))
