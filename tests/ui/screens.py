"""Shoots every screen of the window on the real engine, in both themes and both sizes, for people to look at.

python tests/ui/screens.py [folder]        (QT_QPA_PLATFORM=offscreen where there is no display)
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication, QDialog, QWidget

from app.demo.run import stop
from app.session import RunOrder, Session
from app.settings import Settings
from tests.ui.books import AWAY, HIGH, LOAD, LOOK, SHADOW, broken_book, doubtful_book, silent_server, watched_book
from ui.flows import Flows
from ui.opening import open_window
from ui.screens.run import RunScreen
from ui.theme import ThemeChoice
from ui.window import Window

SIZES = ((1280, 720), (1440, 900))


class Studio:
    """One window, and a folder for its pictures."""

    def __init__(self, folder: Path) -> None:
        self.app = QApplication.instance() or QApplication(sys.argv[:1])
        self.folder = folder
        self.home = Path(tempfile.mkdtemp(prefix="tminus-screens-"))
        assert isinstance(self.app, QApplication)
        self.window: Window = open_window(self.app, Settings(self.home, "ana", "light"))
        self.window.show()
        self.wait(lambda: self.window.flows is not None)

    @property
    def flows(self) -> Flows:
        assert self.window.flows is not None
        return self.window.flows

    @property
    def run(self) -> RunScreen:
        assert self.flows.run_screen is not None
        return self.flows.run_screen

    def at(self, *whys: str) -> Callable[[], bool]:
        return lambda: self.flows.run_screen is not None and self.run.store.shown.focus.why in whys

    def wait(self, holds: Callable[[], bool], seconds: float = 90) -> None:
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, self.flows.run_screen and self.run.store.shown.focus
            self.app.processEvents()
            time.sleep(0.005)

    def moved_on(self, address: str) -> None:
        self.wait(lambda: self.run.store.shown.focus.address != address)

    def settle(self, seconds: float = 0.4) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.app.processEvents()
            time.sleep(0.005)

    def shoot(self, name: str, of: QWidget | None = None) -> None:
        for choice in (ThemeChoice.LIGHT, ThemeChoice.DARK):
            self.window.theme.use(choice)
            for width, height in SIZES:
                self.window.resize(width, height)
                self.settle(0.12)
                (of or self.window).grab().save(str(self.folder / f"{name}-{choice.value}-{width}.png"))
        self.window.resize(*SIZES[0])
        print(name)

    def answer(self) -> None:
        """Say what is asked, in the name of whoever is asked."""
        for box in self.run.current.question.items:
            box.setChecked(True)
        self.flows.press("primary")
        self.settle(0.1)


def shoot_demo(studio: Studio) -> None:
    studio.flows.demo("error-rate")
    studio.wait(studio.at("question"))
    studio.settle()
    studio.shoot("run-welcome")
    while True:
        studio.wait(lambda: studio.at("question", "gate")() or turned(studio))
        address = studio.run.store.shown.focus.address
        if turned(studio):
            break
        studio.settle(0.3)
        if address in {"both-drivers", "notice", "go-open"}:
            studio.shoot(f"run-{address}")
        if address == "both-drivers":
            studio.flows.press("undos")
            studio.settle()
            studio.shoot("run-undos")
            studio.flows.press("undos")
        studio.answer()
        studio.moved_on(address)
        studio.settle(0.2)
        if address == "go-start":
            studio.shoot("run-running")
    studio.settle(0.1)
    studio.shoot("run-proposal")
    if studio.run.store.shown.state.back is None:
        studio.flows.press("roll-back")
        studio.wait(lambda: studio.run.store.shown.state.countdown is not None)
        studio.settle(0.1)
        studio.shoot("rollback-countdown")
    studio.wait(lambda: studio.run.store.shown.state.back is not None)
    studio.shoot("rollback")
    studio.wait(studio.at("rolled-back", "failed"))
    studio.settle()
    studio.shoot("rolled-back")


def turned(studio: Studio) -> bool:
    """Whether a trigger wants the run to go back, or it goes back already."""
    state = studio.run.store.shown.state
    return state.proposal is not None or state.countdown is not None or state.back is not None


def shoot_trouble(studio: Studio) -> None:
    path = studio.home / "broken.yaml"
    path.write_text(broken_book())
    studio.flows.start_run(RunOrder(path, studio.home, "ana", "window"))
    studio.wait(studio.at("failed"))
    studio.settle()
    studio.shoot("run-failed")
    studio.run.act.say("skip")
    studio.settle()
    shoot_dialog(studio, "dialog-reason")
    with silent_server() as port:
        path = studio.home / "doubt.yaml"
        path.write_text(doubtful_book(port))
        studio.flows.let_go("another picture")
        studio.flows.start_run(RunOrder(path, studio.home, "ana", "window", environment="prod"))
        studio.wait(studio.at("doubt"))
        studio.settle()
        studio.shoot("in-doubt")
        studio.run.act.say("run-again")
        studio.settle()
        shoot_dialog(studio, "dialog-typed")
    view = studio.run.store.view
    assert isinstance(view, Session)
    view.detach("the pictures are taken")
    studio.flows.watch_run(view.run)
    studio.settle(1)
    dialog(studio)
    studio.settle(1)
    studio.shoot("run-watched")


def shoot_metrics(studio: Studio) -> None:
    """Triggers at leisure: one that proposes with others beside it, one without data, one that only tells."""
    swings = LOAD.replace("[echo, '70']", "[sh, -c, 'echo $((60 + $$ % 40))']")
    usual = swings.removesuffix("}") + ", baseline: {from: T-0, to: T+2s}}"
    for name, metrics, triggers in (
        ("proposed", usual, f"{HIGH}\n{LOOK}\n{SHADOW}"),
        ("no-data", AWAY, HIGH.replace("do: rollback", "for: 1s, do: rollback")),
        ("shadow", swings, SHADOW),
    ):
        path = studio.home / f"{name}.yaml"
        path.write_text(watched_book(metrics, triggers))
        if studio.flows.run_screen is not None:
            studio.flows.let_go("another picture")
        studio.flows.run_screen = None
        studio.flows.start_run(RunOrder(path, studio.home, "ana", "window"))
        studio.wait(lambda: studio.flows.run_screen is not None)
        if name == "shadow":
            studio.wait(studio.run.notice.see.isVisible)
            studio.settle(3)
            studio.shoot("trigger-line")
            studio.run.metered.open_trigger("ghost")
        else:
            studio.wait(lambda: studio.run.middle.currentWidget() is studio.run.trigger)
        studio.settle(6)
        studio.shoot(f"trigger-{name}")
        studio.run.metered.open_metric("load")
        studio.settle(1)
        studio.shoot(f"metric-{name}")
        studio.run.detail.plot.zoom(0.4)
        studio.shoot(f"metric-{name}-near")


def shoot_places(studio: Studio) -> None:
    for place in ("history", "settings", "library"):
        studio.window.go(place)
        studio.settle(1.5)
        studio.shoot(place)
    studio.flows.open(Path(__file__).parents[2] / "runbooks/50-orders-demo.yaml")
    studio.wait(lambda: studio.window.place() == "plan")
    studio.settle()
    studio.shoot("plan")
    bad = studio.home / "bad.yaml"
    bad.write_text(
        "runbook: 1\nname: bad\nphases:\n  - id: a\n    steps:\n      - id: x\n        lokal: {argv: [ls]}\n"
    )
    studio.flows.open(bad)
    studio.settle(1)
    studio.shoot("plan-problems")
    studio.flows.open(Path(__file__).parents[2] / "runbooks/50-orders-demo.yaml")
    studio.settle(1)
    studio.flows.ask_start()
    studio.settle()
    shoot_dialog(studio, "dialog-start")
    studio.flows.press("help")
    studio.settle()
    shoot_dialog(studio, "dialog-keys")


def shoot_targets(studio: Studio) -> None:
    """Connections and the preflight; alone: screens_of_connections.py."""
    from tests.servers.share import Share
    from tests.ui.screens_of_connections import shoot_connections

    share = Share.open()
    try:
        shoot_connections(studio, share)
    finally:
        share.close()


def dialog(studio: Studio) -> None:
    """Agree to whatever is asked before something else."""
    for found in studio.window.findChildren(QDialog):
        if found.isVisible() and hasattr(found, "button"):
            found.button.click()


def shoot_dialog(studio: Studio, name: str) -> None:
    found = next(one for one in studio.window.findChildren(QDialog) if one.isVisible())
    for choice in (ThemeChoice.LIGHT, ThemeChoice.DARK):
        studio.window.theme.use(choice)
        studio.settle(0.1)
        found.grab().save(str(studio.folder / f"{name}-{choice.value}.png"))
    found.reject()
    studio.settle(0.1)
    print(name)


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "/tmp/screens")
    folder.mkdir(parents=True, exist_ok=True)
    studio = Studio(folder)
    try:
        studio.settle(1.5)
        studio.shoot("library-first")
        shoot_demo(studio)
        shoot_trouble(studio)
        shoot_metrics(studio)
        shoot_places(studio)
        shoot_targets(studio)
    finally:
        studio.flows.let_go("the pictures are taken")
        for estate in (studio.home / "demo").glob("*"):
            stop(estate)
        studio.window.close()


if __name__ == "__main__":
    main()
