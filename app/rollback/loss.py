"""What going back costs in rows: those that the new side took since the switch, and whether going back loses them.

The switch is the moment from which the new side may take writes. It is the start of the first step with a `lossy`
boundary (that is when BoundaryCrossed is recorded); in a runbook without one, the start of the last step, in the order
of the plan, that leaves a mode which counts as downtime. The start and not the end: while such a step runs writes may
be open already, and a row too many is told rather than one too few. For the same reason the instant is rounded down to
the second when it is compared (`app.connectors.rows_since`).

Rows are lost when the way back crosses a lossy boundary. When it crosses none, the runbook says that its undos bring
them back, and they are told as such. What nobody could count is never told as 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from app.rollback.planner import BackPlan
from app.run.loss_state import TableRows
from app.run.moment import Moment
from app.run.state import RunState
from app.runbook.order import Plan, PlannedStep

STALE = timedelta(seconds=25)
"""A count older than this is told as old. One that does not change is recorded again every 10 s."""

NO_COLUMN = "no column is declared"
NO_SWITCH = "no step of this run opens writes"
_TABLES_NAMED = 3


@dataclass(frozen=True, slots=True)
class Loss:
    """What going back from here costs.

    lossy: the way back crosses a lossy boundary, and `says` is what the runbook says of it; open: the new side may have
    taken writes that lie in the scope; tables: the newest good count; newest: how old the newest row is by now; age:
    how long ago they were counted, None when they never were; why: why they cannot be counted, "" when they can.
    """

    lossy: bool
    says: str = ""
    declared: bool = False
    open: bool = False
    tables: tuple[TableRows, ...] = ()
    newest: timedelta | None = None
    age: timedelta | None = None
    why: str = ""
    closed: bool = False

    @property
    def rows(self) -> int | None:
        """How many, None when nobody counted. Old counts are counts: look at `stale`."""
        return sum(one.rows for one in self.tables) if self.age is not None else None

    @property
    def stale(self) -> bool:
        """Whether there may be more by now."""
        return self.age is None or self.age > STALE or bool(self.why)

    @property
    def exportable(self) -> bool:
        """Whether there is something to save before going back."""
        return self.declared and self.open and (self.rows is None or self.rows > 0)


def switch_step(plan: Plan) -> str:
    """The address of the step that opens writes on the new side; "" when the runbook has none."""
    steps = [step for step in plan.steps if not step.left_out]
    lossy = next((p.address for p in steps if p.step.boundary is not None and p.step.boundary.kind == "lossy"), "")
    return lossy or next((p.address for p in reversed(steps) if _opens(plan, p)), "")


def switched(state: RunState) -> Moment | None:
    """When writes may have opened on the new side; None before."""
    address = switch_step(state.plan)
    crossed = next((c.at for c in state.crossings if c.address == address), None)
    step = state.step(address)
    began = next((one.began for one in step.attempts if one.status.value != "never ran"), None)
    by_hand = step.over if step.ruled_by and step.status.value == "done" else None
    return crossed or began or by_hand


def loss_of(state: RunState, back: BackPlan, now: Moment) -> Loss:
    """What the way back `back` costs now."""
    declared = state.plan.runbook.rollback.loss
    lossy, says = back.zone == "lossy", back.loses
    closed = bool(back.refusal)
    if declared is None or not declared.tables:
        return Loss(lossy, says, why=NO_COLUMN, closed=closed)
    if not switch_step(state.plan):
        return Loss(lossy, says, declared=True, why=NO_SWITCH, closed=closed)
    found, opened = state.written, switched(state)
    why = found.problem if found is not None else ""
    if opened is None or not _in_scope(state, back):
        return Loss(lossy, says, declared=True, why=why, closed=closed)
    if found is None or found.counted is None:
        return Loss(lossy, says, declared=True, open=True, why=why, closed=closed)
    age = now.since(found.counted)
    ages = [one.newest for one in found.tables if one.newest is not None]
    newest = min(ages) + age if ages else None
    return Loss(lossy, says, True, True, found.tables, newest, age, why, closed)  # noqa: FBT003 - declared, open


def _opens(plan: Plan, planned: PlannedStep) -> bool:
    modes = plan.runbook.modes
    return any(name in modes and modes[name].downtime for name in planned.step.leave)


def _in_scope(state: RunState, back: BackPlan) -> bool:
    """Whether the switch lies behind the place that the way back leads to."""
    ids = [phase.id for phase in state.plan.phases]
    phase = state.plan.by_address[switch_step(state.plan)].phase
    return back.scope == "start" or back.scope not in ids or ids.index(phase) >= ids.index(back.scope)


# ---------------------------------------------------------------- in words

Count = Callable[[int], str]
"""A whole number as it is written where the words are shown."""


def commas(number: int) -> str:
    """`1,204`."""
    return f"{number:,}"


def in_short(loss: Loss, count: Count = commas) -> str:
    """For a button: `loses 1,204 orders`, `loses 1,204+ orders` of an old count, `loses 0 rows`."""
    if loss.closed:
        return ""
    if not loss.lossy:
        return "loses 0 rows" if loss.declared else "loses nothing known"
    if not loss.rows and loss.stale:  # never counted, or none so long ago that it says nothing
        return "loses rows: not counted"
    return f"loses {things(loss.tables, (lambda n: f'{count(n)}+') if loss.stale else count)}"


def in_words(loss: Loss, count: Count = commas) -> str:
    """`loses 1,204 orders, the last 3 s ago`; always said, with what proves it or why nobody knows."""
    if loss.lossy:
        return _lossy(loss, count)
    if not loss.declared:
        return "loses nothing known"
    if not loss.open:
        trouble = f"; later rows cannot be counted: {loss.why}" if loss.why else ""
        return f"loses 0 rows, none written on the new side yet{trouble}"
    if loss.rows is None:
        return f"loses 0 rows, says the runbook; {_uncounted(loss)}"
    if not loss.rows:
        return f"loses 0 rows, {_none(loss)}"
    return f"loses 0 rows, brings back {_how_many(loss, count)}"


def accepted(loss: Loss, now: Moment) -> str:
    """What a person accepts who goes back now, for the record: the runbook's words and the count; "" for no loss.

    `Orders taken on the new side: 1,204 orders, the last at 21:10:02 UTC`: it must still be true when it is read.
    """
    if not loss.lossy:
        return ""
    says = f"{loss.says.rstrip('. ')}: " if loss.says else ""
    if loss.rows is None:
        return f"{says}{_uncounted(loss)}"
    last = f", the last at {now.at - loss.newest:%H:%M:%S} UTC" if loss.newest is not None else ""
    return f"{says}{_how_many(loss, commas) if loss.stale else things(loss.tables) + last}"


def things(tables: tuple[TableRows, ...], count: Count = commas) -> str:
    """`1,204 orders and 3 rows of stock`; `5,120 rows in 7 tables` when there are many; rows without a date added."""
    some = [one for one in tables if one.rows]
    undated = sum(one.undated for one in tables)
    more = f" (and {count(undated)} without a date)" if undated else ""
    if not some:
        return f"0 rows{more}"
    if len(some) > _TABLES_NAMED:
        return f"{count(sum(one.rows for one in some))} rows in {len(some)} tables{more}"
    named = [_thing(one, count) for one in some]
    return f"{' and '.join([', '.join(named[:-1]), named[-1]] if named[1:] else named)}{more}"


def _thing(one: TableRows, count: Count) -> str:
    name = one.table.rpartition(".")[2]
    if one.rows != 1 and name.endswith("s"):
        return f"{count(one.rows)} {name}"
    return f"{count(one.rows)} row{'' if one.rows == 1 else 's'} of {name}"


def _lossy(loss: Loss, count: Count) -> str:
    if loss.rows is None:
        what = "what was written since" if not loss.says else loss.says.rstrip(". ")
        return f"loses: {what}; {_uncounted(loss)}"
    if not loss.rows and not loss.stale:
        return f"loses {things(loss.tables, count)}, {_none(loss)}"
    return f"loses {_how_many(loss, count)}"


def _uncounted(loss: Loss) -> str:
    if loss.why in {NO_COLUMN, NO_SWITCH}:
        return f"cannot be counted: {loss.why}"
    return f"not counted: {loss.why.rstrip('. ')}" if loss.why else "not counted yet"


def _none(loss: Loss) -> str:
    return f"none written since the switch{_old(loss)}"


def _how_many(loss: Loss, count: Count) -> str:
    """Of an old count nobody knows how old the newest row is by now."""
    if loss.stale and not loss.rows:
        return f"an unknown number of rows{_old(loss)}; none by then"
    if loss.stale:
        return f"at least {things(loss.tables, count)}{_old(loss)}"
    last = f", the last {ago(loss.newest)}" if loss.newest is not None else ""
    return f"{things(loss.tables, count)}{last}"


def _old(loss: Loss) -> str:
    if not loss.stale or loss.age is None:
        return ""
    why = f" ({loss.why.rstrip('. ')})" if loss.why else ""
    return f"; not counted for {_length(loss.age)}{why}"


def ago(length: timedelta) -> str:
    """`3 s ago`, `12 min ago`; `just now` below a second."""
    return "just now" if length < timedelta(seconds=1) else f"{_length(length)} ago"


def _length(length: timedelta) -> str:
    seconds = int(length.total_seconds())
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
