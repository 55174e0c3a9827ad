"""What a reference to a host or a database stands for, when little is written about it or it cannot be read."""

from dataclasses import replace

import pytest

from app.errors import Refused
from app.runbook.scope import Scope
from app.runbook.substitute import fill
from tests.runbook.sample import bound, said, small

STEP = "- {id: a, changes: nothing, check: {text: x}}"


def test_what_a_host_leaves_out_is_empty_for_an_item_too() -> None:
    scope = Scope(bound(small(STEP, "hosts: {h1: {address: 127.0.0.1}}")), items={"h": "h1"})
    assert fill("u=${h.user}. p=${h.port}", scope) == "u=. p=22"
    assert fill("u=${hosts.h1.user}.", scope) == "u=."


def test_an_item_that_is_a_database_has_its_attributes() -> None:
    scope = Scope(bound(small(STEP, "databases: {d1: {url: 'postgresql://db.internal/x'}}")), items={"d": "d1"})
    assert fill("${d.address} ${d.port}. ${d.user}. ${d.name}", scope) == "db.internal . . x"


def test_a_database_url_that_cannot_be_read_is_a_problem_of_the_file() -> None:
    steps = (
        "- {id: a, changes: reversible, undo: {none: x}, http: {method: POST, url: 'http://${databases.d.address}/'}}"
    )
    more = "databases: {d: {url: URL}}\nenvironments: {e: {rehearsal: true, set: {databases.d.url: OTHER}}}"
    good, bad = "'postgresql://x/db'", "'postgresql://[x/db'"
    text = small(steps, more)
    found = said(text.replace("URL}", f"{bad}}}", 1).replace("OTHER", good))
    assert any(line.startswith("it.yaml:3:") and "RB001" in line and "database `d`" in line for line in found)
    found = said(text.replace("URL}", f"{good}}}", 1).replace("OTHER", bad))
    assert any(line.startswith("it.yaml:4:") and "RB001" in line and "database `d`" in line for line in found)


def test_a_database_url_that_cannot_be_read_stops_what_needs_it_with_a_sentence() -> None:
    inputs = bound(small(STEP, "databases: {d: {url: 'postgresql://x/db'}}"))
    databases = {"d": inputs.runbook.databases["d"].model_copy(update={"url": "postgresql://[x/db"})}
    scope = Scope(replace(inputs, runbook=inputs.runbook.model_copy(update={"databases": databases})))
    with pytest.raises(Refused, match="database `d` cannot be read"):
        fill("${databases.d.address}", scope)
