"""A document of values as text on screen: headings, tables, code and lists, inserted as plain text, never as markup."""

from __future__ import annotations

from PySide6.QtGui import (
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
    QTextFrameFormat,
    QTextLength,
    QTextTableFormat,
)
from PySide6.QtWidgets import QTextEdit, QWidget

from app.reports.blocks import Block, Code, Items, Part, Section, Table, Text
from ui.fonts import Weight, font, mono
from ui.paint import colour
from ui.plain import plain_line
from ui.theme import tokens
from ui.tokens import Space, Tone, Type


class DocumentView(QTextEdit):
    """Read-only; selectable and copyable."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setFrameShape(QTextEdit.Shape.NoFrame)
        self.setStyleSheet("QTextEdit { background: transparent; border: none; }")
        self.setAccessibleName("The plan as a document")
        self.setTabChangesFocus(True)
        self.setFont(font(Type.BODY))
        self._section: Section | None = None

    def show_section(self, section: Section) -> None:
        """Show one section from its top."""
        self._section = section
        self.clear()
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        self._heading(cursor, section.title, Type.VALUE, first=True)
        for block in section.blocks:
            self._block(cursor, block)
        cursor.endEditBlock()
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def show_nothing(self) -> None:
        """There is no document."""
        self._section = None
        self.clear()

    def repaint_theme(self) -> None:
        """Wear the colours of another theme."""
        if self._section is not None:
            self.show_section(self._section)

    def _block(self, cursor: QTextCursor, block: Block) -> None:
        match block:
            case Text():
                self._lines(cursor, block.text, _words(Tone.TEXT))
            case Code():
                self._code(cursor, block)
            case Items():
                mark = "\u2610  " if block.boxes else "\u2022  "
                self._lines(cursor, "\n".join(mark + item for item in block.items), _words(Tone.TEXT))
            case Table():
                self._table(cursor, block)
            case Part():
                self._heading(cursor, block.title, Type.TITLE)
                for inner in block.blocks:
                    self._block(cursor, inner)

    def _heading(self, cursor: QTextCursor, title: str, size: int, *, first: bool = False) -> None:
        shape = QTextBlockFormat()
        shape.setTopMargin(0 if first else Space.L)
        shape.setBottomMargin(Space.S)
        self._new(cursor, shape)
        face = QTextCharFormat()
        face.setFont(font(size, Weight.SEMIBOLD))
        face.setForeground(colour(tokens().text))
        cursor.insertText(plain_line(title), face)

    def _lines(self, cursor: QTextCursor, text: str, face: QTextCharFormat) -> None:
        for line in text.split("\n"):
            shape = QTextBlockFormat()
            shape.setBottomMargin(3)
            self._new(cursor, shape)
            cursor.insertText(plain_line(line), face)

    def _code(self, cursor: QTextCursor, code: Code) -> None:
        if code.label:
            self._lines(cursor, code.label, _words(Tone.MUTED, size=Type.SMALL))
        face = QTextCharFormat()
        face.setFont(mono())
        face.setForeground(colour(tokens().text))
        for line in code.text.rstrip("\n").split("\n"):
            shape = QTextBlockFormat()
            shape.setBackground(colour(tokens().sunken))
            shape.setLeftMargin(Space.S)
            self._new(cursor, shape)
            cursor.insertText(plain_line(line), face)

    def _table(self, cursor: QTextCursor, table: Table) -> None:
        if not table.rows:
            return
        shape = QTextTableFormat()
        shape.setCellPadding(5)
        shape.setCellSpacing(0)
        shape.setBorder(1)
        shape.setBorderBrush(colour(tokens().border))
        shape.setBorderCollapse(True)
        shape.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
        shape.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
        shape.setTopMargin(4)
        made = cursor.insertTable(len(table.rows) + 1, len(table.columns), shape)
        for column, name in enumerate(table.columns):
            made.cellAt(0, column).firstCursorPosition().insertText(
                plain_line(name), _words(Tone.MUTED, size=Type.SMALL)
            )
        for number, row in enumerate(table.rows, 1):
            for column, cell in enumerate(row[: len(table.columns)]):
                place = made.cellAt(number, column).firstCursorPosition()
                place.insertText("\n".join(plain_line(part) for part in cell.split("\n")), _words(Tone.TEXT))
        cursor.movePosition(QTextCursor.MoveOperation.End)

    def _new(self, cursor: QTextCursor, shape: QTextBlockFormat) -> None:
        """A new paragraph, or the first one of an empty document."""
        if self.document().isEmpty() and cursor.atStart():
            cursor.setBlockFormat(shape)
        else:
            cursor.insertBlock(shape)
        empty = QTextCharFormat()
        empty.clearProperty(QTextFormat.Property.BackgroundBrush)
        cursor.setBlockCharFormat(empty)


def _words(tone: Tone, *, size: int = Type.BODY) -> QTextCharFormat:
    face = QTextCharFormat()
    face.setFont(font(size, Weight.REGULAR if tone is Tone.TEXT else Weight.SEMIBOLD))
    face.setForeground(colour(tokens().of(tone)))
    return face
