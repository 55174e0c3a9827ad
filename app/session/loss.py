"""Which database of a run is asked for the rows written since the switch, and by whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from app.engine.loop import Engine
from app.engine.loss_watch import LossWatch, Watched
from app.journal.now import Now
from app.ports import Database
from app.rollback.loss import NO_COLUMN, NO_SWITCH, switch_step
from app.run.moment import Moment
from app.runbook.order import Plan
from app.session.world import Estate

if TYPE_CHECKING:
    from app.connectors.rows_since import RowsSince


def uncountable(plan: Plan) -> str:
    """Why the rows that going back would lose cannot be counted in this run; "" when they can, or when none are."""
    lossy = any(p.step.boundary is not None and p.step.boundary.kind == "lossy" for p in plan.steps if not p.left_out)
    declared = plan.runbook.rollback.loss
    if declared is None:
        return NO_COLUMN if lossy else ""
    if not declared.tables:
        return NO_COLUMN
    return "" if switch_step(plan) else NO_SWITCH


def rows_of(plan: Plan, databases: Mapping[str, Database]) -> RowsSince | None:
    """Who counts; None when the runbook declares nothing that can be counted."""
    declared = plan.runbook.rollback.loss
    if declared is None or uncountable(plan) or declared.db not in databases:
        return None
    from app.connectors.database import SqlDatabase
    from app.connectors.rows_since import RowsSince

    database = databases[declared.db]
    return RowsSince(database, declared.tables) if isinstance(database, SqlDatabase) else None


def loss_watch(engine: Engine, estate: Estate) -> LossWatch | None:
    """The watch over what going back would lose; None when there is nothing to count."""
    rows = rows_of(engine.state.plan, estate.world.databases)
    if rows is None:
        return None
    now = Now(estate.world.clock)

    def moment() -> Moment:
        return Moment.of(now.read())

    return LossWatch(rows, Watched(lambda: engine.state, engine.tell, moment, estate.world.clock))
