"""From a verb on a button to a request to the run; the ones that weigh something ask for words first."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.rollback.loss import accepted
from app.run import requests as r
from app.run.dead_man import unconfirmed
from app.run.dead_man_state import CONFIRM, GONE
from app.session import kinds
from ui.dialogs.ask import AskDialog, Wanted
from ui.dialogs.beside import open_beside
from ui.models.exact import sides
from ui.models.naming import numbered
from ui.store import Store


class Act(QObject):
    """Sends requests of one operator to one run. `told` carries a plain sentence when nothing was sent."""

    told = Signal(str)

    def __init__(self, store: Store, window: QWidget) -> None:
        super().__init__(window)
        self._store = store
        self._window = window
        self.notes_to: Callable[[], str] = str

    @property
    def _by(self) -> str:
        return self._store.gaze.operator

    def say(self, verb: str, by: str = "", value: str = "", note: str = "") -> None:
        """Do what a verb of the step on show means. `by` answers in another person's name, recorded as such."""
        address = self._store.shown.address
        if value and verb in {"done", "go", "approve", "continue", "confirm"}:
            self._store.send(r.Answer(by or self._by, address, value, note))
            return
        plain: dict[str, Callable[[], None]] = {
            "follow": self._store.look_at,
            "hold": self.hold,
            "release": self.release,
            "retry": lambda: self._store.send(r.Retry(self._by, address)),
            "ask-again": lambda: self._store.send(r.AskAgain(self._by, address)),
            "skip": lambda: self._skip(address),
            "mark-done": lambda: self._mark_done(address),
            "mark-failed": lambda: self._mark_failed(address),
            "run-again": lambda: self._run_again(address),
            "stop": lambda: self._stop(address),
            GONE: lambda: self._gone(address),
            "override": lambda: self._override(address, note),
            "no-go": lambda: self._against(address, by, "no-go"),
            "not-done": lambda: self._against(address, by, "failed"),
        }
        plain[verb]()

    def confirm(self, address: str) -> None:
        """Keep a step that its target would take back by itself."""
        self._store.send(r.Answer(self._by, address, CONFIRM))

    def hold(self) -> None:
        """Nothing new starts; what runs goes on. A rollback that a trigger proposes is held off with a reason."""
        proposal = self._store.shown.state.proposal
        if proposal is None:
            self._store.send(r.Hold(self._by))
            return
        text = f"{proposal.reason}. The run is held; if it stays red, the trigger asks again."
        wanted = Wanted(f"Hold off what trigger {proposal.trigger} wants?", text, "Hold it off", reason=True)
        self._ask(wanted, lambda reason: self._store.send(r.Hold(self._by, reason)))

    def panic(self) -> None:
        """Nothing new starts, whatever stands. It asks for nothing and never lets anything go on."""
        self._store.send(r.Panic(self._by))

    def hold_off(self, reason: str) -> None:
        """Hold off what a trigger proposes, with a reason that was given already."""
        self._store.send(r.Hold(self._by, reason))

    def release(self) -> None:
        """Lift the hold, or go on after a stop."""
        self._store.send(r.Release(self._by))

    def note(self, text: str) -> None:
        """Put words into the record."""
        self._store.send(r.Note(self._by, text))

    def acknowledge(self, metric: str) -> None:
        """Take note of a first red."""
        self._store.send(r.Acknowledge(self._by, metric))

    def roll_back(self) -> None:
        """Start the strip; pressed again while it counts, start at once. A way back that is closed says why."""
        shown = self._store.shown
        if shown.state.countdown is not None:
            self.start_now()
        elif shown.state.back is not None:
            self.told.emit("The way back is already under way.")
        elif shown.back.refusal:
            self.told.emit(f"No way back: {shown.back.refusal}")
        else:
            # What a lossy way back loses stands on the button, as it was counted; the click accepts that.
            self._store.send(r.RollBack(self._by, self._store.gaze.scope, accepts=accepted(shown.loss, shown.now)))

    def start_now(self) -> None:
        """End the countdown."""
        self._store.send(r.RollBackNow(self._by))

    def call_off(self) -> None:
        """Stop the countdown; nothing was sent."""
        self._store.send(r.CallOff(self._by))

    def close_run(self) -> None:
        """End the run for good; from then on there is no way back."""
        state = self._store.shown.state
        on = [mode.mode for mode in state.modes.values() if mode.since is not None]
        text = "Nobody can act in it any more, and there is no way back after this."
        if on:
            text += f" Still on: {', '.join(on)}."
        wanted = Wanted(
            "Close this run for good?", text, "Close the run", reason=bool(on or unconfirmed(state)), held=True
        )
        self._ask(wanted, lambda reason: self._store.send(r.Close(self._by, reason)))

    def _skip(self, address: str) -> None:
        name = numbered(self._store.shown.state.plan, address)
        text = "It counts as met for the steps that need it. Your name and reason go into the record."
        wanted = Wanted(f"Skip {name}?", text, "Skip it", reason=True)
        self._ask(wanted, lambda reason: self._store.send(r.Rule(self._by, address, "skipped", reason)))

    def _mark_done(self, address: str) -> None:
        name = numbered(self._store.shown.state.plan, address)
        text = "You vouch for it: nothing is run and nothing is looked at. Your name and reason go into the record."
        wanted = Wanted(f"Count {name} as done?", text, "Count as done", reason=True)
        self._ask(wanted, lambda reason: self._store.send(r.Rule(self._by, address, "done", reason)))

    def _mark_failed(self, address: str) -> None:
        name = numbered(self._store.shown.state.plan, address)
        wanted = Wanted(f"Count {name} as failed?", "Nothing is run.", "Count as failed", reason=True)
        self._ask(wanted, lambda reason: self._store.send(r.Rule(self._by, address, "failed", reason)))

    def _gone(self, address: str) -> None:
        name = numbered(self._store.shown.state.plan, address)
        text = "Nobody waits any more for its word that it will not take the step back. Say how you know."
        wanted = Wanted(f"Is the target behind {name} gone for good?", text, "It is gone for good", reason=True)
        self._ask(wanted, lambda reason: self._store.send(r.Answer(self._by, address, GONE, reason)))

    def _run_again(self, address: str) -> None:
        shown = self._store.shown
        name = numbered(shown.state.plan, address)
        chips = sides(shown.state, shown.state.plan.by_address[address], kinds())
        typed = chips[0].name if chips else address
        text = "Nobody knows whether it took effect. Running it again may do it twice."
        wanted = Wanted(f"Run {name} again?", text, "Run it again", reason=True, typed=typed)
        self._ask(wanted, lambda reason: self._store.send(r.Retry(self._by, address, reason)))

    def _override(self, address: str, note: str) -> None:
        if note:  # the reason was typed beside the question
            self._store.send(r.Override(self._by, address, note))
            return
        question = self._store.shown.state.step(address).question
        name = numbered(self._store.shown.state.plan, address)
        text = f"{name}. {question.text if question is not None else ''}"
        wanted = Wanted("Begin this step all the same?", text, "Begin all the same", reason=True)
        self._ask(wanted, lambda reason: self._store.send(r.Override(self._by, address, reason)))

    def _stop(self, address: str) -> None:
        name = numbered(self._store.shown.state.plan, address)
        text = "The target is asked to end it, and made to after 5 s. What it did so far stays done."
        wanted = Wanted(f"Stop {name}?", text, "Stop this step", held=True)
        self._ask(wanted, lambda reason: self._store.send(r.StopStep(self._by, address, reason)))

    def _against(self, address: str, by: str, value: str) -> None:
        name = numbered(self._store.shown.state.plan, address)
        title = f"No-go for {name}?" if value == "no-go" else f"{name}: not done?"
        wanted = Wanted(title, "The step fails, and the runbook says what follows.", "Say so", reason=True)
        self._ask(wanted, lambda note: self._store.send(r.Answer(by or self._by, address, value, note)))

    def _ask(self, wanted: Wanted, then: Callable[[str], None]) -> None:
        dialog = AskDialog(wanted, self._window)
        dialog.agreed.connect(then)
        open_beside(dialog, self._window.window())
