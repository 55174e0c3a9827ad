"""The log as a table of pages: newest on top, rows read from the record when they are looked at, filtered by number.

Only numbers of entries are kept (8 bytes each, one list per filter), so a million rows cost megabytes.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.reports.sentences import sentence
from app.run.events import Recorded
from app.runbook.order import Plan
from ui import words
from ui.models.log_kinds import ALL, filters_of, glyph_of, tone_of, who_of
from ui.models.shown import Shown
from ui.widgets.log_table import LOG_ROLE, LogRowView

PAGE = 64
KEEP_PAGES = 24
Index = QModelIndex | QPersistentModelIndex
Fetch = Callable[[Sequence[int]], tuple[Recorded, ...]]


class LogModel(QAbstractTableModel):
    """Give it events as they come (`extend`), a chip (`choose`) and the numbers a text was found in (`narrow`)."""

    def __init__(self, fetch: Fetch, plan: Plan, shown: Shown, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._fetch, self._plan, self._zone = fetch, plan, shown.zone
        self._lists: dict[str, array[int]] = {}
        self._chip = ALL
        self._narrowed: array[int] | None = None
        self._text = ""
        self._rows: array[int] = array("q")
        self._pages: OrderedDict[int, dict[int, LogRowView]] = OrderedDict()
        self._fresh: OrderedDict[int, LogRowView] = OrderedDict()

    def extend(self, events: Sequence[Recorded]) -> None:
        """Take in new entries, in order."""
        new = [one.seq for one in events if self._enter(one)]
        for one in [one for one in events if filters_of(one.event)][-200:]:
            self._fresh[one.seq] = self._view(one)
            if len(self._fresh) > 400:
                self._fresh.popitem(last=False)
        if new:
            self.beginInsertRows(QModelIndex(), 0, len(new) - 1)
            self._rows.extend(new)
            self.endInsertRows()

    def _enter(self, one: Recorded) -> bool:
        """Put it into the list of each of its chips; whether it belongs to what is on show."""
        chips = filters_of(one.event)
        for chip in chips:
            self._lists.setdefault(chip, array("q")).append(one.seq)
        if not chips or not self._fits(one):
            return False
        if self._narrowed is not None:
            self._narrowed.append(one.seq)  # also for the other chips, when one is chosen later
        return self._chip in chips

    def choose(self, chip: str) -> None:
        """Show the entries of another chip."""
        self._chip = chip
        self._refilter()

    def narrow(self, text: str, found: array[int] | None, asked: int = 0) -> None:
        """Show only entries with these numbers (those with `text` in them); None shows all again.

        asked: the newest number when the search began. What came since is looked at here.
        """
        self._text, self._narrowed = text.lower(), found
        if found is not None:
            newer = [seq for seq in self._lists.get(ALL, ()) if seq > max(asked, found[-1] if found else 0)]
            found.extend(one.seq for one in self._fetch(newer) if self._fits(one))
        self._refilter()

    @property
    def newest(self) -> int:
        """The number of the newest entry; 0 for none."""
        entries = self._lists.get(ALL)
        return entries[-1] if entries else 0

    @property
    def total(self) -> int:
        """How many entries there are without a filter."""
        return len(self._lists.get(ALL, ()))

    def seq_at(self, row: int) -> int:
        """The number of the entry in a row."""
        return self._rows[-1 - row]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 4

    def data(self, index: Index, role: int = 0) -> object:
        if role not in (LOG_ROLE, Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        if not 0 <= index.row() < len(self._rows):
            return None
        view = self._row(self.seq_at(index.row()))
        if view is None or role == LOG_ROLE:
            return view
        return (view.time, view.glyph.value, view.who, view.text)[index.column()]

    def _row(self, seq: int) -> LogRowView | None:
        if seq in self._fresh:
            return self._fresh[seq]
        place = bisect_left(self._rows, seq)
        page = place // PAGE
        if page not in self._pages:
            wanted = self._rows[page * PAGE : (page + 1) * PAGE]
            self._pages[page] = {one.seq: self._view(one) for one in self._fetch(wanted)}
            if len(self._pages) > KEEP_PAGES:
                self._pages.popitem(last=False)
        found = self._pages[page].get(seq)
        if found is None and self._pages[page]:
            del self._pages[page]  # the page was read before its last entries were written
        return found

    def _view(self, one: Recorded) -> LogRowView:
        return LogRowView(
            words.time_of_log(one.at, self._zone),
            glyph_of(one.event),
            who_of(one.event, self._plan),
            sentence(one, self._plan),
            tone_of(one.event),
        )

    def _fits(self, one: Recorded) -> bool:
        return self._narrowed is None or self._text in sentence(one, self._plan).lower()

    def _refilter(self) -> None:
        self.beginResetModel()
        rows = self._lists.get(self._chip, array("q"))
        if self._narrowed is None:
            self._rows = array("q", rows)
        else:
            found = set(self._narrowed)
            self._rows = array("q", [seq for seq in rows if seq in found])
        self._pages.clear()
        self.endResetModel()
