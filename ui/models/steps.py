"""The steps list: phases and steps of a run as rows, finished phases folded, the one thing now in bold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.run.phases import current_phase
from app.run.state import MET, UNDER_WAY, RunState, Status
from app.runbook.order import PlannedPhase, PlannedStep
from ui import words
from ui.glyphs import Glyph
from ui.models.back_clock import too_late
from ui.models.naming import glyph_of, people_of, title_of
from ui.models.shown import Shown
from ui.tokens import Tone
from ui.widgets.step_rows import ROW_ROLE, PhaseRowView, RowView, StepRowView, spoken
from ui.widgets.text import plain_tip

ADDRESS_ROLE = Qt.ItemDataRole.UserRole + 9
Index = QModelIndex | QPersistentModelIndex
Row = tuple[str, RowView]
"""An address ("" for a phase) and what its row shows."""


class Rows(QAbstractListModel):
    """Rows of any of the lists; changed in place where only values changed, so that selection and scroll stay."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []

    def show_rows(self, rows: Sequence[Row]) -> bool:
        """Show these; True when the list itself changed, not only values in it."""
        if [key for key, _ in rows] != [key for key, _ in self._rows]:
            self.beginResetModel()
            self._rows = list(rows)
            self.endResetModel()
            return True
        for number, (old, new) in enumerate(zip(self._rows, rows, strict=True)):
            if old != new:
                self._rows[number] = new
                index = self.index(number)
                self.dataChanged.emit(index, index)
        return False

    def row_of(self, address: str) -> int:
        """Where a step stands; -1 when it is not in the list."""
        return next((i for i, (key, _) in enumerate(self._rows) if key == address), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = 0) -> object:
        if not 0 <= index.row() < len(self._rows):
            return None
        address, view = self._rows[index.row()]
        if role == ROW_ROLE:
            return view
        if role == ADDRESS_ROLE:
            return address
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return spoken(view)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(spoken(view))
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        if 0 <= index.row() < len(self._rows) and not self._rows[index.row()][0]:
            return Qt.ItemFlag.ItemIsEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


def step_rows(shown: Shown) -> list[Row]:
    """Every phase and its steps, in file order."""
    return [row for phase in shown.state.plan.phases for row in _phase_rows(shown, phase)]


def _phase_rows(shown: Shown, phase: PlannedPhase) -> Iterator[Row]:
    state = shown.state
    steps = [p for p in state.plan.top(phase.id) if not p.left_out]
    if not steps:
        return
    done = sum(state.status(p.address) in MET for p in steps)
    count = f"{done} / {len(steps)}"
    chosen = state.plan.by_address.get(shown.address)
    here = chosen is not None and chosen.phase == phase.id
    folded = done == len(steps) and not here and phase.id != current_phase(state)
    glyph = Glyph.DONE if folded else None
    yield "", PhaseRowView(phase.number, phase.title or phase.id.capitalize(), count, glyph, folded)
    if folded:
        return
    for planned in steps:
        yield planned.address, _step_row(shown, planned)
        yield from _inner_rows(shown, planned)


def _inner_rows(shown: Shown, planned: PlannedStep) -> Iterator[Row]:
    """The steps inside a fan-out, while it is under way or looked into."""
    state = shown.state
    inside = shown.planned is not None and shown.planned.parent == planned.address
    busy = state.status(planned.address) not in MET | {Status.PENDING}
    if planned.step.kind != "each" or not (inside or busy):
        return
    for batch in state.plan.items(planned.address):
        for item in batch:
            for child in state.plan.children(planned.address, item):
                yield child.address, _step_row(shown, child)


def _step_row(shown: Shown, planned: PlannedStep) -> StepRowView:
    state = shown.state
    glyph = glyph_of(state, planned)
    tail, tone = _tail(shown, planned)
    return StepRowView(title_of(planned), glyph, tail, planned.address == shown.focus.address, tone)


def _tail(shown: Shown, planned: PlannedStep) -> tuple[str, Tone]:
    state = shown.state
    step, status = state.step(planned.address), state.status(planned.address)
    if planned.address in state.undone:
        return "undone", Tone.MUTED
    if step.question is not None:
        return _asked(state, planned, len(step.question.answers), step.question.need), Tone.WARN
    if status in UNDER_WAY:
        began = step.last.began if step.last is not None else None
        return words.duration(shown.age(began)), Tone.ACCENT
    if status is Status.PENDING and too_late(shown, planned.address):
        return "too late", Tone.BAD
    tones = {Status.FAILED: Tone.BAD, Status.CANCELLED: Tone.BAD, Status.IN_DOUBT: Tone.WARN}
    words_of = {Status.DONE: _took, Status.PENDING: _ahead}
    told = words_of[status](state, planned) if status in words_of else status.value
    return told, tones.get(status, Tone.MUTED)


def _asked(state: RunState, planned: PlannedStep, given: int, need: int) -> str:
    return f"{given} of {need}" if need > 1 and given else "your turn"


def _took(state: RunState, planned: PlannedStep) -> str:
    step = state.step(planned.address)
    last = step.last
    if step.reason and step.ruled_by:
        return f"by {step.ruled_by}"
    if last is None or last.ended is None:
        return ""
    return words.took(last.ended.since(last.began))


def _ahead(state: RunState, planned: PlannedStep) -> str:
    need = getattr(planned.step.body, "need", 0) if planned.step.kind == "decide" else 0
    if need:
        people = len(people_of(state, tuple(getattr(planned.step.body, "by", ()))))
        return f"{need} of {people}" if people > need else words.plural(need, "person", "people")
    return f"~{words.took(planned.step.est)}" if planned.step.est is not None else ""
