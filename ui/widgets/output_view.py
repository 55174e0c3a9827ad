"""Live output of one step: exact text, harmless, appended in batches, bounded, following the end until scrolled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtGui import QTextBlock, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from ui.fonts import mono
from ui.paint import colour
from ui.plain import plain_line
from ui.theme import tokens
from ui.tokens import Tone

FLUSH_MS = 40
_TONES = tuple(Tone)


@dataclass(frozen=True, slots=True)
class OutputLine:
    """One line and its tone: MUTED for commands and remarks, OK, WARN, BAD where the step said so."""

    text: str
    tone: Tone = Tone.TEXT


class OutputView(QPlainTextEdit):
    """Read-only. Keeps the newest `keep` lines. `following_changed` when it stops or starts following the end."""

    following_changed = Signal(bool)

    def __init__(self, keep: int = 5_000, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("output")
        self.setAccessibleName("Live output")
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setMaximumBlockCount(keep)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setFont(mono())
        # Keyboard users need a caret to select and copy from a read-only text.
        self.setTextInteractionFlags(
            self.textInteractionFlags().TextSelectableByMouse | self.textInteractionFlags().TextSelectableByKeyboard
        )
        # Tab must leave the output, or a keyboard user is caught in it.
        self.setTabChangesFocus(True)
        self._keep = keep
        self._waiting: list[OutputLine] = []
        self._following = True
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(FLUSH_MS)
        self._timer.timeout.connect(self.flush)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)

    @property
    def following(self) -> bool:
        """Whether the newest line is kept in sight."""
        return self._following

    def append_lines(self, lines: Iterable[OutputLine]) -> None:
        """Queue lines; they appear together within 40 ms. Lines that could not be kept anyway are dropped."""
        self._waiting.extend(lines)
        if len(self._waiting) > self._keep:
            del self._waiting[: -self._keep]
        if not self._timer.isActive():
            self._timer.start()

    def show_lines(self, lines: Sequence[OutputLine]) -> None:
        """Replace everything, at once; follows the end again."""
        self._waiting.clear()
        self._timer.stop()
        self.clear()
        self._following = True
        self._waiting.extend(lines[-self._keep :])
        self.flush()

    def follow(self) -> None:
        """Go to the newest line and stay there."""
        bar = self.verticalScrollBar()
        bar.setValue(bar.maximum())
        self._set_following(True)

    def flush(self) -> None:
        """Show what is queued, as one edit."""
        if not self._waiting:
            return
        lines, self._waiting = self._waiting, []
        bar = self.verticalScrollBar()
        place, follow = bar.value(), self._following
        before = self.blockCount() if not self.document().isEmpty() else 0
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.beginEditBlock()
        for tone, part in groupby(lines, key=lambda one: one.tone):
            self._insert(cursor, tone, [plain_line(one.text) for one in part])
        cursor.endEditBlock()
        dropped = max(0, before + len(lines) - self.blockCount())
        # A reader who scrolled up keeps the line they read: it moves up as old lines go.
        bar.setValue(bar.maximum() if follow else max(0, place - dropped))
        self._following = follow

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and not self.document().isEmpty():
            self._repaint_tones()

    def _insert(self, cursor: QTextCursor, tone: Tone, texts: list[str]) -> None:
        fresh = self.document().isEmpty() and self.blockCount() == 1 and self.document().firstBlock().userState() < 0
        if not fresh:
            cursor.insertBlock()
        cursor.insertText("\n".join(texts), _format(tone))
        block, state = cursor.block(), _TONES.index(tone)
        for _ in texts:
            if not block.isValid():
                break
            block.setUserState(state)
            block = block.previous()

    def _repaint_tones(self) -> None:
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        block: QTextBlock = self.document().firstBlock()
        while block.isValid():
            cursor.setPosition(block.position())
            cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
            cursor.setCharFormat(_format(_TONES[max(0, block.userState())]))
            block = block.next()
        cursor.endEditBlock()

    def _scrolled(self, value: int) -> None:
        self._set_following(value >= self.verticalScrollBar().maximum())

    def _set_following(self, now: bool) -> None:  # noqa: FBT001 - a signal's value
        if now != self._following:
            self._following = now
            self.following_changed.emit(now)


def _format(tone: Tone) -> QTextCharFormat:
    answer = QTextCharFormat()
    answer.setForeground(colour(tokens().of(tone)))
    return answer
