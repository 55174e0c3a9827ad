"""One run at a time: the one before is let go of, in words, before the next is opened, and none is driven unseen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.errors import Refused
from app.reports.unconfirmed import will_be_taken_back
from app.session import Session, View
from ui.dialogs.beside import open_beside
from ui.dialogs.told import ToldDialog

if TYPE_CHECKING:
    from ui.window import Window

Work = Callable[[], View]
"""Opens a run: begins a new one, resumes one or looks at one. Called beside the UI's thread."""

_RESTING = timedelta()


class OneRun(QObject):
    """`busy` carries what is said while a run is opened, "" when that is over. `trouble`: why it was not opened.

    driven: the session that the window drives now, None when it drives nothing.
    """

    busy = Signal(str)
    trouble = Signal(object)

    def __init__(self, window: Window, driven: Callable[[], Session | None]) -> None:
        super().__init__(window)
        self._window, self._driven = window, driven
        self._made: Session | None = None
        self.under_way = False
        self._left = False

    def refuses(self) -> bool:
        """Whether a run is being opened already; then that is said."""
        if self.under_way:
            text = "Nothing more was asked for. Wait until that run is shown, or until it is said why it is not."
            self._tell(ToldDialog("A run is being opened already.", text, "Close", self._window))
        return self.under_way

    def open(self, work: Work, then: Callable[[View], None], sentence: str = "A run is being opened.") -> None:
        """Open a run and hand it to `then`; one that is driven now is let go of first, when a person agrees to that."""
        if self.refuses():
            return
        driven = self._driven()
        if driven is None:
            self._open(work, then, sentence)
            return
        text = "This window drives a run. It is let go of first: its commands go on, and it can be resumed."
        text = " ".join((text, *will_be_taken_back(driven.state)))
        dialog = ToldDialog("Let go of the present run?", text, "Let go of it", self._window, leave="Stay")
        dialog.agreed.connect(lambda: self._open(work, then, sentence))
        self._tell(dialog)

    def leave(self) -> None:
        """The window closes: a run that is still being opened is let go of by the thread that opens it."""
        self._left = True

    def left(self) -> bool:
        """Whether the window closes."""
        return self._left

    def let_go_of_unshown(self) -> None:
        """A run that was opened while the window closed is driven no further; call when nothing runs aside."""
        if self._made is not None and not self._made.ended:
            self._made.detach("the window was closed")

    # ------------------------------------------------------------ opening

    def _open(self, work: Work, then: Callable[[View], None], sentence: str) -> None:
        if self.refuses():
            return
        driven = self._driven()
        self._set(sentence)

        def shown(view: object) -> None:
            self._made = None
            self._set("")
            if isinstance(view, View) and not self.left():
                then(view)

        def failed(trouble: BaseException) -> None:
            self._set("")
            self.trouble.emit(trouble)

        self._window.aside.do(lambda: self._opened(work, driven), shown, failed)

    def _opened(self, work: Work, driven: Session | None) -> View | None:
        """Beside the UI's thread: let go of the one before, open the next, and let go of it when nobody will see it."""
        if driven is not None:
            _let_go_of(driven)
        if self.left():
            return None
        view = work()
        if isinstance(view, Session):
            self._made = view  # first kept, then asked: whoever closes does it in the other order
            if self.left():
                view.detach("the window was closed while this run was opened")
        return view

    def _set(self, sentence: str) -> None:
        self.under_way = bool(sentence)
        self.busy.emit(sentence)

    def _tell(self, dialog: ToldDialog) -> None:
        open_beside(dialog, self._window)


def _let_go_of(driven: Session) -> None:
    """Blocks. Raises Refused when it is not known to be let go of: then nothing else may be opened."""
    driven.detach("another run was opened")
    if not driven.wait_ended(_RESTING):
        raise Refused(
            "The present run is not let go of yet, so no other was opened.",
            where=driven.run,
            hint="Its console is asked to let go. Try again when this window says that nobody drives it.",
        )
