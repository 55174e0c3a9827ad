"""What an environment makes of the file is checked as the file is, and each problem is told once, at the override."""

import pytest

from app.errors import Problem
from tests.runbook.sample import loaded

BOOK = """\
runbook: 1
name: x
roles: {op: {people: [a, b]}}
hosts: {h: {address: a}, gate: {address: g, via: OLD}}
groups: {web: [h]}
secrets: {pw: {from: env, name: PW}}
databases: {d: {url: 'sqlite:////tmp/x.db'}}
params: {n: {type: int, min: 1, max: 5, default: 5}}
environments:
  e:
    set:
      SET
phases:
  - id: p
    steps:
      - {id: b, owner: op, est: 1m, changes: nothing, host: {name: web, batch: 1, argv: [x]}}
      - {id: c, owner: op, est: 1m, changes: nothing, sql: {db: d, run: select 1}}
"""
LINE = 12


def _problems(override: str, via: str = "h") -> list[Problem]:
    whole = loaded(BOOK.replace("SET", override).replace("OLD", via))
    assert whole.runbook is not None, whole.problems
    return list(whole.errors)


@pytest.mark.parametrize(
    ("override", "what"),
    [
        ("groups.web: [nosuch]", "In `e`: There is no host `nosuch`."),
        ("hosts.h.via: nohost", "In `e`: There is no host `nohost`."),
        ("databases.d.password: nosecret", "In `e`: There is no secret `nosecret`."),
        ("params.n.default: 9", "In `e`: The parameter `n`: `9` is more than 5."),
        ("params.n.max: 3", "In `e`: The parameter `n`: `5` is more than 3."),
    ],
)
def test_an_override_that_names_nothing_or_does_not_fit_is_told_at_its_line(override: str, what: str) -> None:
    (problem,) = _problems(override)
    assert problem.what == what
    assert problem.place.line == LINE


def test_a_section_that_is_replaced_takes_its_names_from_the_steps() -> None:
    told = [problem.what for problem in _problems("roles: {lead: {people: [a, b]}}")]
    assert "In `e`: There is no role `op`." in told


def test_what_fits_is_no_problem() -> None:
    assert _problems("groups.web: [h, gate]") == []
    assert _problems("databases.d.password: pw") == []
    assert _problems("params.n.default: 2") == []


def test_what_the_file_itself_has_wrong_is_told_once() -> None:
    (problem,) = _problems("groups.web: [gate]", via="nosuch")
    assert problem.what == "There is no host `nosuch`."
    assert _problems("hosts.gate.via: h", via="nosuch")[0].what == "There is no host `nosuch`."
