"""What is known of the rows that the new side took since the switch, and of their exports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.run.moment import Moment


@dataclass(frozen=True, slots=True)
class TableRows:
    """One table as its server counted it. undated: rows that carry no date; newest_ms: since the newest, None: none."""

    table: str
    rows: int
    undated: int = 0
    newest_ms: int | None = None

    @property
    def newest(self) -> timedelta | None:
        """How old the newest row was when it was counted."""
        return None if self.newest_ms is None else timedelta(milliseconds=self.newest_ms)


@dataclass(frozen=True, slots=True)
class ServerTime:
    """What a server's clock says; it was asked for `early` before the answer was here."""

    at: datetime
    early: timedelta


@dataclass(frozen=True, slots=True)
class Written:
    """The newest good count of a run, made at `counted`, of rows dated from `since` on (ISO UTC, the server's clock).

    problem: why nobody can count now, "" while somebody can. `since` "": not known yet; `counted` None: never counted.
    """

    db: str
    address: str = ""
    since: str = ""
    dated: Moment | None = None
    tables: tuple[TableRows, ...] = ()
    counted: Moment | None = None
    problem: str = ""

    @property
    def instant(self) -> datetime | None:
        """`since`, aware."""
        return datetime.fromisoformat(self.since) if self.since else None


@dataclass(frozen=True, slots=True)
class Export:
    """Rows written since the switch, in a folder (see RowsExported). files: (table, file, rows, SHA-256)."""

    by: str
    folder: str
    digest: str
    rows: int
    since: str
    form: str
    files: tuple[tuple[str, str, int, str], ...]
    at: Moment
