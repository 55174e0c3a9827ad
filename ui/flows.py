"""What happens when somebody asks for a place or a run: load beside the UI's thread, then show. The window's memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog

from app.errors import TminusError
from app.reports.unconfirmed import will_be_taken_back
from app.run import requests as r
from app.run.state import Stage
from app.runbook.load import Loaded
from app.session import RunOrder, Session, View, new_run, open_runbook, resume, watch
from app.session.asked_once import AskedOnce
from app.settings import save_settings
from ui.aside import plain_words
from ui.connecting import Connecting
from ui.dialogs.beside import open_beside, open_unasked
from ui.dialogs.keys import KeysDialog
from ui.dialogs.secret import SecretAsker
from ui.dialogs.told import ToldDialog
from ui.exporting import Exporting
from ui.glyphs import Glyph
from ui.keys import EVERYWHERE
from ui.local_time import LOCAL
from ui.models.shelf import Shelf, shelf
from ui.models.shown import Gaze
from ui.one_run import OneRun
from ui.screens.connections import ConnectionsScreen
from ui.screens.history import HistoryScreen
from ui.screens.plan import PlanScreen
from ui.screens.preflight import PreflightScreen
from ui.screens.run import RunScreen
from ui.screens.settings import SettingsScreen
from ui.starting import Starting
from ui.store import Store, Tick

if TYPE_CHECKING:
    from ui.window import Window

_BADGES = {
    "doubt": Glyph.UNKNOWN,
    "failed": Glyph.FAILED,
    "stopped": Glyph.FAILED,
    "incomplete": Glyph.FAILED,
    "question": Glyph.DECISION,
    "gate": Glyph.DECISION,
    "held": Glyph.DECISION,
    "counting-down": Glyph.FAILED,
    "proposed": Glyph.FAILED,
    "running": Glyph.RUNNING,
    "waiting": Glyph.RUNNING,
    "finished": Glyph.DONE,
    "rolled-back": Glyph.DONE,
}


class Flows(QObject):
    """Made once, after the first paint."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self.window = window
        self.store: Store | None = None
        self.run_screen: RunScreen | None = None
        self.loaded: Loaded | None = None
        self._runbook: Path | None = None
        self._environment = ""
        self.asker = SecretAsker(window)
        asked = AskedOnce(self.asker.ask)
        self.one = OneRun(window, self._driven_now)
        self.starting, self.connecting = Starting(window, asked, self._begin), Connecting(window, asked)
        self.starting.given.connect(self.connecting.given)
        self.starting.connection_asked.connect(self.connecting.show)
        self.connecting.environment_chosen.connect(self._rebind)
        self.one.busy.connect(self.starting.show_beginning)
        self.one.busy.connect(window.library.show_busy)
        for part in (self.starting, self.connecting, self.one):
            part.trouble.connect(self._refused)
        self.exporting = Exporting(window.aside, self.asker.ask, self)
        self.exporting.told.connect(self._told_of_export)
        self.exporting.trouble.connect(self._refused)
        self._letting_go = False
        self._estates: dict[str, Path] = {}
        window.problems.seen.connect(self._fault)
        library = window.library
        library.demo_asked.connect(lambda: self.demo(""))
        library.runbook_chosen.connect(lambda path: self.open(Path(path)))
        library.run_chosen.connect(self.show_history)
        library.file_asked.connect(self.choose_file)

    def start(self, runbook: str | None, demo_incident: str | None) -> None:
        """What the command line asked for, else the Library."""
        self.refresh()
        if demo_incident is not None:
            self.demo(demo_incident)
        elif runbook:
            self.open(Path(runbook))

    # ------------------------------------------------------------ places

    def prepare_place(self, key: str) -> None:
        """Make the screen of a place that is asked for, if it can be made."""
        if key == "library":
            self.refresh()
        elif key == "history":
            self._history().refresh()
        elif key == "connections":
            self.connecting.screen().refresh()
        elif key == "settings" and self.window.screen_at(key) is None:
            screen = SettingsScreen(self.window.settings)
            screen.changed.connect(self._keep_settings)
            self.window.put(key, screen)
        elif key == "plan" and self.window.screen_at(key) is None:
            self._plan().show_nothing()
        elif key == "run" and self.window.screen_at(key) is None:
            from ui.screens.empty_run import EmptyRun

            empty = EmptyRun()
            empty.library_asked.connect(lambda: self.window.go("library"))
            self.window.put(key, empty)

    def refresh(self) -> None:
        """Read the shelf again: runbooks and runs."""
        home = self.window.settings.home

        def show(found: object) -> None:
            if isinstance(found, Shelf):
                self.window.library.show_shelf(found)

        self.window.aside.do(lambda: shelf(home), show, self._refused)

    def choose_file(self) -> None:
        """Open a file that a person picks."""
        dialog = QFileDialog(self.window, "Open a runbook", "", "Runbooks (*.yaml *.yml);;All files (*)")
        # The desktop's own dialog would take every key of the window, and the stop keys must answer.
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.open(Path(name)))
        open_beside(dialog, self.window)

    def open(self, path: Path, environment: str = "", place: str = "plan") -> None:
        """Read a runbook and show its plan, or another place that shows it."""

        def show(found: object) -> None:
            if isinstance(found, Loaded):
                self.loaded, self._runbook, self._environment = found, path, environment
                self._plan().show_runbook(path, found, environment)
                self.connecting.opened(found, environment)
                self.window.go(place)

        self.window.aside.do(lambda: open_runbook(path, environment), show, self._refused)

    def show_history(self, run: str) -> None:
        """Show a run that was; one that still lives is shown as it is driven."""
        self.window.go("history")
        self._history().choose(run)

    # ------------------------------------------------------------ runs

    def ask_start(self) -> None:
        """Ask for what a run needs, then start it."""
        if self.loaded is None or self._runbook is None or self.loaded.errors:
            return
        if not self.one.refuses():
            self.starting.ask(self._runbook, self.loaded, self._environment)

    def start_run(self, order: RunOrder) -> None:
        """Open a record and drive it from here."""
        self.one.open(lambda: new_run(order), self.show_view)

    def demo(self, incident: str) -> None:
        """Build the demo's estate and drive its runbook, with the guide."""
        home, operator = self.window.settings.home, self.window.settings.operator

        def begin() -> Session:
            from app.demo.run import prepare
            from ui.models.shelf import fresh_folder

            demo = prepare(fresh_folder(home), incident)
            order = RunOrder(demo.runbook, home, operator, "window", params=demo.params, ask=self.asker.ask)
            session = new_run(order)
            self._estates[session.run] = demo.folder
            return session

        said = "Building two databases with 200,000 orders, and opening the shop\u2026"
        self.one.open(begin, lambda view: self.show_view(view, coached=True), said)

    def resume_run(self, run: str) -> None:
        """Drive a run that nobody drives: every target is asked first."""
        home, operator = self.window.settings.home, self.window.settings.operator
        self.one.open(lambda: resume(home, run, operator=operator, door="window", ask=self.asker.ask), self.show_view)

    def watch_run(self, run: str) -> None:
        """Look at a run as it stands, driven elsewhere or by nobody."""
        home = self.window.settings.home
        driven = self._driven_now()
        if driven is not None and driven.run == run:
            self.window.go("run")
            return
        self.one.open(lambda: watch(home, run), self.show_view)

    def show_view(self, view: View, *, coached: bool = False) -> None:
        """Show a run on the Run screen. One that is still driven then is let go of: none is driven unseen."""
        if self.store is not None and self.run_screen is not None:
            self.run_screen.leave()
            unseen = self.store.view
            if isinstance(unseen, Session) and unseen is not view and not unseen.ended:
                self.window.aside.do(lambda: unseen.detach("another run was shown"), lambda _: None, self._refused)
        gaze = Gaze(self.window.settings.operator, LOCAL)
        store = Store(view, gaze, self)
        screen = RunScreen(store, coached=coached)
        screen.history_asked.connect(lambda: self.show_history(view.run))
        screen.resume_asked.connect(lambda: self.resume_run(view.run))
        screen.export_asked.connect(lambda: self.exporting.start(store, self.window.settings.home))
        store.ticked.connect(self._badge)
        store.ended.connect(self._ended)
        self.store, self.run_screen = store, screen
        self.window.put("run", screen)
        self.window.go("run")
        self.window.setFocus()
        store.start()

    # ------------------------------------------------------------ keys and closing

    def press(self, verb: str) -> None:
        """Do what a key of the table means."""
        if verb in {"library", "plan", "run", "history", "connections", "settings"}:
            self.window.go(verb)
        elif verb == "help":
            open_beside(KeysDialog(self.window), self.window)
        elif verb == "open":
            self.choose_file()
        elif verb == "filter" and self.window.place() == "library":
            self.window.library.search.setFocus()
        elif self.run_screen is not None and verb in EVERYWHERE:
            self.window.go("run")
            self._press_on_run(self.run_screen, verb)
        elif self.run_screen is not None and self.window.place() == "run":
            self._press_on_run(self.run_screen, verb)
        elif isinstance(screen := self.window.stack.currentWidget(), PlanScreen | ConnectionsScreen | PreflightScreen):
            screen.press(verb)

    def may_close(self) -> bool:
        """Whether the window may go at once; while it drives or opens a run, a plain sentence is shown first."""
        driven = self._driven_now()
        if self._letting_go or (driven is None and not self.one.under_way and not self.exporting.busy):
            return True
        title, text, way_on = "Let go of the run?", "", "Let go and close"
        if driven is not None:
            text = (
                "Closing lets go of this run, and stops nothing: commands that run go on at their targets, nothing new "
                "starts. "
            )
            again = "Open it again from History, or with: tminus resume " + driven.run
            text += " ".join((*will_be_taken_back(driven.state), again))
        elif self.one.under_way:
            text = "A run is being opened. Closing lets go of it as soon as it has begun; resume it from History."
        else:
            title, way_on = "Give up the export?", "Close all the same"
        if self.exporting.busy:
            text = f"{text} Rows are being saved: that ends too, and nothing of it is kept.".lstrip()
        dialog = ToldDialog(title, text, way_on, self.window, leave="Stay")
        dialog.agreed.connect(self._close_now)
        open_beside(dialog, self.window)
        return False

    def let_go(self, reason: str) -> None:
        """Detach from whatever is driven; returns when that is on disk."""
        if self.store is None or self.run_screen is None:
            return
        self.run_screen.leave()
        view = self.store.view
        if isinstance(view, Session) and not view.ended:
            view.detach(reason)

    # ------------------------------------------------------------ the rest

    def _press_on_run(self, screen: RunScreen, verb: str) -> None:
        store, act = screen.store, screen.act
        table: dict[str, Callable[[], None]] = {
            "primary": screen.say_primary,
            "roll-back": act.roll_back,
            "panic": act.panic,
            "hold": screen.press_hold,
            "undos": lambda: store.peek(peeking=not store.gaze.peeking),
            "note": screen.log.note.setFocus,
            "filter": screen.log.filter.setFocus,
            "escape": lambda: self._escape(screen),
        }
        table[verb]()

    def _escape(self, screen: RunScreen) -> None:
        store = screen.store
        if store.shown.state.countdown is not None:
            screen.act.call_off()
        elif store.gaze.peeking:
            store.peek(peeking=False)
        elif screen.metered.close():
            return
        elif store.gaze.address:
            store.look_at("")

    def _begin(self, work: Callable[[], Session]) -> None:
        self.one.open(work, self.show_view)

    def _close_now(self) -> None:
        self._letting_go = True
        self.window.close()

    def _badge(self, tick: Tick) -> None:
        self.window.rail.show_badge("run", _BADGES.get(tick.shown.focus.why))
        state = tick.shown.state
        estate = self._estates.pop(state.run, None) if state.stage is Stage.CLOSED else None
        if estate is not None:
            from app.demo.run import stop

            # Nobody can act in it any more, so its customers may go home; a run that is only let go of keeps them.
            self.window.aside.do(lambda: stop(estate), lambda _: None, self._refused)

    def _told_of_export(self, sentence: str) -> None:
        if self.run_screen is not None:
            self.run_screen.notice.say(sentence)

    def _ended(self) -> None:
        assert self.store is not None
        view = self.store.view
        if isinstance(view, Session) and view.trouble is not None:
            self._refused(view.trouble)

    def _fault(self, where: str, text: str) -> None:
        """A fault of the window goes into the record, and onto the screen."""
        if self.store is not None:
            self.store.faults.append(text)
            view = self.store.view
            if isinstance(view, Session) and not view.ended:
                view.fault(where, text)
            elif not isinstance(view, Session):
                self.store.send(r.Note("console", f"Fault in {where}: {text}"))

    def _refused(self, trouble: BaseException) -> None:
        if not isinstance(trouble, TminusError):
            self.window.problems.tell("window", plain_words(trouble))
        open_unasked(ToldDialog("That did not work", plain_words(trouble), "Close", self.window), self.window)

    def _keep_settings(self, settings: object) -> None:
        from app.settings import Settings
        from ui.theme import ThemeChoice

        assert isinstance(settings, Settings)
        self.window.settings = settings
        self.window.theme.use(ThemeChoice(settings.theme))
        self.window.aside.do(lambda: save_settings(settings), lambda _: None, self._refused)

    def _plan(self) -> PlanScreen:
        screen = self.window.screen_at("plan")
        if not isinstance(screen, PlanScreen):
            screen = PlanScreen()
            screen.start_asked.connect(self.ask_start)
            screen.file_asked.connect(self.choose_file)
            screen.environment_chosen.connect(self._rebind)
            self.window.put("plan", screen)
        return screen

    def _driven_now(self) -> Session | None:
        """The run that this window drives, when it is not over."""
        if self.store is None or self.store.shown.over:
            return None
        view = self.store.view
        return view if isinstance(view, Session) and not view.ended else None

    def _rebind(self, environment: str) -> None:
        """Show the same file, bound to another environment."""
        if self._runbook is not None:
            self.open(self._runbook, environment, self.window.place())

    def _history(self) -> HistoryScreen:
        screen = self.window.screen_at("history")
        if not isinstance(screen, HistoryScreen):
            screen = HistoryScreen(self.window.settings.home)
            screen.watch_asked.connect(self.watch_run)
            screen.resume_asked.connect(self.resume_run)
            screen.demo_asked.connect(lambda: self.demo(""))
            screen.trouble.connect(self._refused)
            self.window.put("history", screen)
        return screen
