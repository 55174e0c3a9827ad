"""Before a run: every database is logged in to and asked who it is and what each step and each undo may do there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from app.connectors.database import SqlDatabase
from app.connectors.rights import Right
from app.connectors.sql_look import Looked
from app.connectors.sql_split import Statement, TokenKind, split
from app.engine.targets import seen
from app.errors import Refused, TargetUnreachable
from app.ports import Database, Fingerprint
from app.run.moment import Moment
from app.run.state import SeenTarget
from app.runbook.body import Target
from app.runbook.checks.sql_needs import Need, Needs, needs_of
from app.session.preflight import Finding, PreflightLine
from app.session.preflight_ways import Errand
from app.session.targets import Admission

LIMIT = 20.0
"""Seconds for one look at one database."""

SKEW = timedelta(seconds=2)
"""A server's clock may be this far from ours; more is worth a word."""


@dataclass(frozen=True, slots=True)
class Estate:
    """What was found: by database how it looks, or why it could not be looked at; and what each errand needs."""

    looks: Mapping[str, Looked | Finding]
    needs: Mapping[int, Needs]


@dataclass(slots=True)
class _Made:
    """Tables that earlier steps of the run make, by database."""

    tables: dict[str, set[tuple[str, str]]] = field(default_factory=dict)

    def has(self, name: str, need: Need) -> bool:
        return any(table == need.table and need.schema in (schema, "") for schema, table in self.tables.get(name, ()))


def look_at(databases: Mapping[str, Database], todo: Sequence[Errand], files: Mapping[str, str]) -> Estate:
    """Ask all databases that errands name, all at once. Blocks; call it outside of any event loop."""
    needs: dict[int, Needs] = {}
    asked: dict[str, frozenset[Need]] = {}
    for number, errand in enumerate(todo):
        name = _name(errand)
        if name in databases:
            needs[number] = _needs(errand, databases[name].dialect, files)
            asked[name] = asked.get(name, frozenset()) | needs[number].needs
    return Estate(asyncio.run(_look_all({name: databases[name] for name in asked}, asked)), needs)


def database_lines(estate: Estate, todo: Sequence[Errand], admission: Admission) -> Iterator[PreflightLine]:
    """A line for each database."""
    now = admission.clock.now()
    known: dict[tuple[str, str], SeenTarget] = {}
    for name, look in estate.looks.items():
        users = [errand for errand in todo if _name(errand) == name]
        why = ""
        if isinstance(look, Looked):
            target = Target("database", name)
            why = admission(target, look.who, known)
            event = seen(target, look.who)
            at = Moment(now, 0, "")
            known[event.kind, name] = SeenTarget(name, event.kind, event.identity, event.facts, event.instance, at)
        words = {way: _word(look, [one for one in users if one.way == way]) for way in ("forward", "rollback")}
        if why:
            words = {way: ("refused" if word != "-" else "-", why) for way, (word, _) in words.items()}
        details = [detail for _, detail in words.values() if detail]
        detail = details[0] if details else _described(look)
        yield PreflightLine(f"database {name}", words["forward"][0], detail, words["rollback"][0], now)


def step_findings(estate: Estate, todo: Sequence[Errand]) -> Iterator[tuple[Errand, Finding]]:
    """What each errand at a database comes to."""
    made = _Made()
    for number, errand in enumerate(todo):
        needs = estate.needs.get(number)
        if needs is None:
            continue
        look, name = estate.looks[_name(errand)], _name(errand)
        made.tables.setdefault(name, set()).update(needs.makes)
        if isinstance(look, Looked):
            yield from ((errand, finding) for finding in _findings(errand, look, needs, made))
        else:
            yield errand, ("unknown", f"{name} could not be looked at")


# ---------------------------------------------------------------- asking


async def _look_all(
    databases: Mapping[str, Database], asked: Mapping[str, frozenset[Need]]
) -> Mapping[str, Looked | Finding]:
    looks = await asyncio.gather(*(_look(database, asked[name]) for name, database in databases.items()))
    return dict(zip(databases, looks, strict=True))


async def _look(database: Database, needs: frozenset[Need]) -> Looked | Finding:
    assert isinstance(database, SqlDatabase)
    try:
        async with asyncio.timeout(LIMIT):
            return await database.look(needs)
    except TimeoutError:
        return "away", f"no answer within {LIMIT:g} s"
    except TargetUnreachable as trouble:
        return "away", str(trouble.what)
    except Refused as trouble:
        return "refused", str(trouble.what)


def _name(errand: Errand) -> str:
    return str(getattr(errand.body, "db", "") or "") if errand.body is not None else ""


def _needs(errand: Errand, flavor: str, files: Mapping[str, str]) -> Needs:
    text = errand.body.run or files.get(errand.body.file, "")
    try:
        statements = split(text, flavor)  # type: ignore[arg-type]  # a Database's dialect is a Flavor
    except Refused:
        return Needs(told=False)
    found = Needs()
    for statement in statements:
        plain = _plain(statement, dict(errand.body.idents), "`" if flavor == "mysql" else '"')
        found = found.plus(needs_of(plain, flavor) if plain is not None else Needs(told=False))
    return found


def _plain(statement: Statement, idents: Mapping[str, object], mark: str) -> str | None:
    """The statement as a parser reads it: names put in, values left open. None when a name is not known yet."""
    pieces = []
    for token in statement.tokens:
        if token.kind is TokenKind.IDENT:
            name = str(idents.get(token.text, ""))
            if not name or "${" in name:
                return None
            pieces.append(".".join(f"{mark}{part.replace(mark, mark * 2)}{mark}" for part in name.split(".")))
        else:
            pieces.append("NULL" if token.kind is TokenKind.BIND else token.text)
    return "".join(pieces)


# ---------------------------------------------------------------- judging


def _word(look: Looked | Finding, users: Sequence[Errand]) -> Finding:
    if not users:
        return "-", ""
    if not isinstance(look, Looked):
        word, why = look
        later = word == "away" and all(errand.opaque for errand in users)
        return ("unknown", f"{why} An earlier step may bring it up.") if later else (word, why)
    if look.offset is not None and abs(look.offset) > SKEW:
        return "warning", f"its clock is {look.offset.total_seconds():+.1f} s from ours; {look.who}"
    return "ok", ""


def _described(look: Looked | Finding) -> str:
    if not isinstance(look, Looked):
        return look[1]
    clock = f", its clock {look.offset.total_seconds():+.1f} s from ours" if look.offset is not None else ""
    closed = f", takes no writes: {look.closed}" if look.closed else ""
    return f"logged in{clock}{closed}; {_identity(look.who)}"


def _identity(who: Fingerprint) -> str:
    return str(who)


def _findings(errand: Errand, look: Looked, needs: Needs, made: _Made) -> Iterator[Finding]:
    if errand.writes:
        yield from _writing(errand, look)
    name = _name(errand)
    for need in sorted(needs.needs, key=str):
        if finding := _finding(errand, need, look.rights[need], (need in needs.may_lack, made.has(name, need))):
            yield finding
    if not needs.told:
        yield "unknown", "could not tell from its text all that it needs"
    yield "ok", "may " + (", ".join(sorted(map(str, needs.needs))) or "run")


def _writing(errand: Errand, look: Looked) -> Iterator[Finding]:
    if look.closed:
        word = "unknown" if errand.opaque else "refused"
        later = "; an earlier step may change that" if errand.opaque else ""
        yield word, f"it takes no writes: {look.closed}{later}"
    marker = look.marker
    if marker.word == "refused":
        yield "refused", f"its marker table stands, and {marker.detail}"
    elif marker.word == "unknown":
        yield "unknown", marker.detail
    elif marker.word == "missing" and errand.step.probe is None:
        yield "warning", f"no marker: {marker.detail}; a doubtful commit would stay in doubt, as there is no probe"


def _finding(errand: Errand, need: Need, right: Right, known: tuple[bool, bool]) -> Finding | None:
    may_lack, is_made = known
    match right.word:
        case "ok":
            return None
        case "missing" if may_lack or is_made:
            return None
        case "missing" if errand.opaque:
            return "unknown", f"{right.detail}; an earlier step may make it"
        case "missing":
            return "refused", f"cannot {need}: {right.detail}, and no step before makes it"
        case word:
            return word, right.detail
