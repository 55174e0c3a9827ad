"""The switches of the shop: which database serves, whether it takes writes, which release each worker runs."""

from __future__ import annotations

import json

from app.demo.layout import Layout, write_whole

WORKERS = ("worker-a", "worker-b")
ENGINES = ("old", "new")
RELEASES = ("v1", "v2")
BOTH_DRIVERS = "v2"
"""The first release that can talk to either database."""


class Switches:
    """One reading of the switches. `engine` "old" or "new"; `releases` worker -> release; `incident` a name or "".

    frozen: nobody deploys but a run that is under way.
    """

    __slots__ = ("engine", "frozen", "incident", "read_only", "releases")

    def __init__(self, text: str) -> None:
        raw = json.loads(text)
        self.engine: str = raw["engine"]
        self.incident: str = raw["incident"]
        self.read_only = bool(raw["read_only"])
        self.frozen = bool(raw["frozen"])
        self.releases: dict[str, str] = raw["releases"]


def first_setting(incident: str) -> dict[str, object]:
    """How an estate begins: on the old database, taking writes, every worker on the first release."""
    releases = dict.fromkeys(WORKERS, RELEASES[0])
    return {"engine": "old", "read_only": 0, "frozen": 0, "incident": incident, "releases": releases}


def read_switches(layout: Layout) -> Switches:
    """The switches as they stand now."""
    return Switches(layout.switches.read_text(encoding="utf-8"))


def write_switches(layout: Layout, setting: dict[str, object]) -> None:
    """Replaces all of them at once."""
    write_whole(layout.switches, json.dumps(setting))


def set_read_only(layout: Layout, word: str) -> None:
    """Refuses writes from the next request (`on`) or takes them again (`off`). Twice is the same as once."""
    with layout.locked():
        _flip(layout, read_only=1 if word == "on" else 0)


def set_frozen(layout: Layout, word: str) -> None:
    """Keeps everybody but a run from deploying ("on"), or no longer ("off")."""
    with layout.locked():
        _flip(layout, frozen=1 if word == "on" else 0)


def set_release(layout: Layout, worker: str, release: str) -> None:
    """Puts a release on a worker; the shop restarts it within a second. The same release again changes nothing."""
    with layout.locked():
        _flip(layout, releases=read_switches(layout).releases | {worker: release})


def set_engine(layout: Layout, engine: str) -> str:
    """Serves from this database from the next request. Answers why not, or "" when it does."""
    with layout.locked():
        now = read_switches(layout)
        behind = [worker for worker, release in now.releases.items() if release != BOTH_DRIVERS]
        if engine != "old" and behind:
            return f"{', '.join(behind)} cannot talk to the new database; deploy {BOTH_DRIVERS} first"
        _flip(layout, engine=engine)
    return ""


def _flip(layout: Layout, **change: object) -> None:
    setting = json.loads(layout.switches.read_text(encoding="utf-8"))
    if setting | change != setting:
        write_switches(layout, setting | change)
