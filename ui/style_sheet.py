"""The one style sheet, generated from the tokens, for the widgets that Qt paints itself.

Kept short on purpose: whatever is ours paints itself, and every rule here costs time before the first paint.
"""

from __future__ import annotations

from string import Template

from ui.tokens import Radius, Tokens

_SHEET = Template("""
QToolTip { background: $surface; color: $text; border: 1px solid $strong; padding: 4px 6px; }
QLineEdit, QPlainTextEdit#entry, QTextEdit#entry, QComboBox, QAbstractSpinBox {
  background: $surface; color: $text; border: 1px solid $strong; border-radius: ${row}px;
  padding: 0 8px; selection-background-color: $accent; selection-color: $on_accent; }
QLineEdit, QComboBox, QAbstractSpinBox { min-height: 26px; }
QLineEdit:focus, QPlainTextEdit#entry:focus, QTextEdit#entry:focus, QComboBox:focus, QAbstractSpinBox:focus {
  border: 2px solid $accent; padding: 0 7px; min-height: 24px; }
QLineEdit:disabled, QComboBox:disabled { color: $strong; border-color: $border; }
QLineEdit[wrong="true"] { border: 2px solid $bad; padding: 0 7px; min-height: 24px; }
QPlainTextEdit#output { background: $sunken; color: $text; border: 1px solid $border;
  border-radius: ${card}px; padding: 4px 6px; selection-background-color: $accent; selection-color: $on_accent; }
QPlainTextEdit#output:focus { border: 2px solid $accent; padding: 3px 5px; }
QAbstractItemView { background: transparent; color: $text; border: none; outline: none;
  selection-background-color: $tint_accent; selection-color: $text; }
QTableView { border: 2px solid transparent; border-radius: ${row}px; }
QTableView:focus { border-color: $accent; }
QHeaderView { background: transparent; border: none; }
QHeaderView::section { background: transparent; color: $muted; border: none; border-bottom: 1px solid $border;
  padding: 4px 8px; font-weight: 600; }
QScrollArea, QScrollArea > QWidget > QWidget#bare { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 8px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 8px; margin: 0; }
QScrollBar::handle { background: $strong; border-radius: 2px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: $muted; margin: 1px; border-radius: 3px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QMenu { background: $surface; color: $text; border: 1px solid $strong; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 12px; border-radius: ${row}px; }
QMenu::item:selected { background: $tint_accent; color: $text; }
QMenu::separator { height: 1px; background: $border; margin: 4px 8px; }
QTabBar::tab { background: transparent; color: $muted; padding: 6px 12px;
  border-bottom: 2px solid transparent; font-weight: 600; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabBar::tab:focus { color: $accent; }
QTabWidget::pane { border: none; border-top: 1px solid $border; }
QCheckBox:focus, QRadioButton:focus { color: $accent; }
QSplitter::handle { background: transparent; }
""")


def style_sheet(worn: Tokens) -> str:
    """The sheet of a theme. Item text and data never pass through it."""
    return _SHEET.substitute(
        surface=worn.surface,
        sunken=worn.sunken,
        text=worn.text,
        muted=worn.muted,
        border=worn.border,
        strong=worn.strong,
        accent=worn.accent,
        on_accent=worn.on_accent,
        bad=worn.bad,
        tint_accent=worn.tint_accent,
        row=Radius.ROW,
        card=Radius.CARD,
    )
