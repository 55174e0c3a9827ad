"""References are resolved once: a value is data, a secret stays a secret, a script is never touched."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Refused
from app.ports import SecretText
from app.runbook.conditions import Comparison, TextRule
from app.runbook.model_step import Step
from app.runbook.parse import step_from
from app.runbook.part import Raw
from app.runbook.references import Reference, malformed, references, split
from app.runbook.scope import Scope
from app.runbook.substitute import MissingValue, fill, substitute
from tests.runbook.sample import KINDS, LEDGER, bound


def step(**keys: Raw) -> Step:
    return step_from(keys, KINDS)


def values(**known: str) -> dict[str, str]:
    return known


def looked_up(known: dict[str, str]) -> Scope:
    return Scope(bound(LEDGER), items=known)


@given(st.text(max_size=40))
def test_a_value_never_becomes_a_reference(value: str) -> None:
    argv = ["a", "${h}", "x${h}y"]
    done = substitute(step(local={"argv": argv}).body, looked_up({"h": value}))
    assert done.argv == ("a", value, f"x{value}y")  # type: ignore[attr-defined]  # the body of a local step


def test_a_value_that_names_a_secret_stays_text() -> None:
    done = substitute(step(local={"argv": ["a"], "env": {"X": "${h}"}}).body, looked_up({"h": "${secrets.ledger_pw}"}))
    assert done.env == {"X": "${secrets.ledger_pw}"}  # type: ignore[attr-defined]  # the body of a local step


def test_a_secret_becomes_secret_text_where_it_may_stand() -> None:
    body = step(local={"argv": ["a"], "env": {"X": "pw=${secrets.ledger_pw}!"}}).body
    env = substitute(body, looked_up({})).env  # type: ignore[attr-defined]  # the body of a local step
    assert env["X"] == SecretText(((False, "pw="), (True, "ledger_pw"), (False, "!")))
    assert "***" in str(env["X"])


def test_a_secret_anywhere_else_is_refused() -> None:
    with pytest.raises(Refused, match="secret"):
        substitute(step(local={"argv": ["${secrets.ledger_pw}"]}).body, looked_up({}))


def test_scripts_and_sql_are_never_touched() -> None:
    text = "echo ${h} ${params.ticket}"
    assert substitute(step(local={"script": text}).body, looked_up({"h": "x"})).script == text  # type: ignore[attr-defined]  # the body of a local step
    sql = step(sql={"db": "new", "run": text, "bind": {"a": "${h}"}})
    done = substitute(sql.body, looked_up({"h": "x"}))
    assert (done.run, done.bind) == (text, {"a": "x"})  # type: ignore[attr-defined]  # the body of a sql step


def test_values_in_a_url_are_percent_encoded_but_a_port_is_not() -> None:
    body = step(http={"url": "http://${hosts.watch.address}/q/${h}?a=${h}", "query": {"b": "${h}"}}).body
    done = substitute(body, looked_up({"h": "a/b?c&d:e@f"}))
    encoded = "a%2Fb%3Fc%26d%3Ae%40f"
    assert done.url == f"http://watch.stg:9090/q/{encoded}?a={encoded}"  # type: ignore[attr-defined]  # the body of a http step
    assert done.query == {"b": "a/b?c&d:e@f"}  # type: ignore[attr-defined]  # the body of a http step


def test_a_value_cannot_leave_the_place_of_the_host() -> None:
    done = substitute(step(http={"url": "https://${h}.example.org/x"}).body, looked_up({"h": "evil.net/#@"}))
    assert done.url == "https://evil.net%2F%23%40.example.org/x"  # type: ignore[attr-defined]  # the body of a http step


def test_a_typed_field_becomes_its_type() -> None:
    body = step(wait={"for": "${params.lag_max}"}).body
    assert substitute(body, looked_up({})).for_ == timedelta(seconds=2)  # type: ignore[attr-defined]  # the body of a wait step
    copied = substitute(step(copy={"from": "old", "to": "new", "batch": "${params.batch}"}).body, looked_up({}))
    assert copied.batch == 5000  # type: ignore[attr-defined]  # the body of a copy step


def test_an_unfit_value_in_a_typed_field_is_refused() -> None:
    for value in ("soon", "${params.lag_max}"):
        with pytest.raises(Refused):
            substitute(step(wait={"for": "${h}"}).body, looked_up({"h": value}))


def test_expectations_are_filled_and_patterns_are_escaped() -> None:
    done = substitute(
        step(check={}, expect={"row.n": "== ${h}", "stdout": {"matches": "^${h}$", "not": "${h}"}}),
        looked_up({"h": "a.b"}),
    )
    assert done.expect is not None
    assert done.expect.rules["row.n"] == Comparison("==", "a.b")
    rule = done.expect.rules["stdout"]
    assert isinstance(rule, TextRule)
    assert (rule.matches, rule.not_) == ("^a\\.b$", "a.b")


def test_undo_steps_are_left_for_later() -> None:
    one = step(check={"text": "${h}"}, undo=[{"check": {"text": "${h}"}}])
    done = substitute(one, looked_up({"h": "x"}))
    assert done.body.text == "x"  # type: ignore[attr-defined]  # the body of a check step
    assert done.undo_steps[0].body.text == "${h}"  # type: ignore[attr-defined]  # the body of a check step


def test_a_missing_value_is_named() -> None:
    with pytest.raises(MissingValue, match=r"\$\{steps.a.b\} has no value yet"):
        fill("x ${steps.a.b}", looked_up({}))


def test_what_is_no_reference_is_told() -> None:
    assert [malformed(text) for text in ("${a.b}", "${a b}", "x ${a.${b}}", "$a {b}", "${}")] == [
        "",
        "${a b}",
        "${a.",
        "",
        "${}",
    ]
    assert split("a${b.c}d") == ("a", Reference(("b", "c")), "d")


def test_references_are_found_with_their_place() -> None:
    one = step(
        local={"argv": ["a", "${h}"], "env": {"X": "${secrets.s}"}},
        expect={"row.n": "> ${params.n}"},
        when="params.mode == full",
        say={"to": "#x", "text": "${now}"},
        undo=[{"check": {"text": "${not.here}"}}],
    )
    found = {(use.path, str(use.references[0]), use.sealed) for use in references(one)}
    assert found == {
        (("local", "argv", 1), "${h}", False),
        (("local", "env", "X"), "${secrets.s}", True),
        (("expect", "rules", "row.n"), "${params.n}", False),
        (("when",), "${params.mode}", False),
        (("say", "text"), "${now}", False),
    }
