"""Environment, parameters and T: bound once, everything wrong told at once, nothing started."""

from datetime import UTC, datetime, timedelta

import pytest

from app.errors import Refused
from app.runbook.environment import BadOverride, override
from app.runbook.inputs import bind, bind_params
from app.runbook.model import Param
from app.runbook.scope import Scope
from app.runbook.substitute import fill
from tests.runbook.sample import LEDGER, SITE, T0, bound, sound


def test_a_local_t_is_an_instant() -> None:
    inputs = bound(LEDGER)
    assert inputs.t0 == datetime(2026, 6, 6, 22, tzinfo=UTC)
    assert inputs.window == (inputs.t0 - timedelta(hours=1), inputs.t0 + timedelta(hours=2))
    assert inputs.abort_by == inputs.t0 + timedelta(minutes=30)


def test_t_is_now_when_the_environment_says_so() -> None:
    now = T0 + timedelta(days=3, seconds=7)
    assert bind(sound(LEDGER), "staging", {}, now).t0 == now
    assert bind(sound(LEDGER), "production", {}, now).t0 != now


def test_an_environment_overrides_values_and_nothing_else() -> None:
    file, production = bound(LEDGER), bound(LEDGER, "production")
    assert file.runbook.hosts["web1"].address == "web1.stg"
    assert production.runbook.hosts["web1"].address == "web1.prd"
    assert production.runbook.hosts["web1"].user == "deploy"
    assert production.params["batch"].text == "10000"
    assert production.runbook.phases == file.runbook.phases
    assert production.environment.production
    assert not file.environment.production


@pytest.mark.parametrize(
    "path",
    [
        "phases.0.id",
        "triggers.0.when",
        "rollback.est",
        "hosts.nobody.address",
        "hosts.web1.colour",
        "name",
        "hosts.web1.address.x",
    ],
)
def test_what_cannot_be_overridden_is_refused(path: str) -> None:
    with pytest.raises(BadOverride, match=path.partition(".")[0]):
        override(sound(LEDGER), path, "x")


@pytest.mark.parametrize(
    ("path", "value"), [("hosts.jump.port", "many"), ("schedule.t0", 3), ("databases.old.url", [])]
)
def test_an_override_is_read_as_strictly_as_the_file(path: str, value: object) -> None:
    with pytest.raises(BadOverride, match="does not fit"):
        override(sound(LEDGER), path, value)


def test_everything_wrong_with_parameters_is_told_at_once() -> None:
    given = {"batch": "7", "lag_max": "1h", "ticket": "X", "nmaes": "a", "to": "old", "from": "else"}
    with pytest.raises(Refused) as refused:
        bind_params(sound(LEDGER).params, given)
    for word in (
        "`batch`: `7` is less than 100",
        "`1h` is more than",
        "OPS-",
        "did you mean `names`",
        "`else` is not one of",
    ):
        assert word in refused.value.what


def test_parameters_that_must_differ_must_differ() -> None:
    with pytest.raises(Refused, match="must differ"):
        bind_params(sound(LEDGER).params, {"to": "old"})


def test_a_parameter_without_a_value_is_asked_for() -> None:
    with pytest.raises(Refused, match="--param change=VALUE"):
        bound(SITE)
    assert bound(SITE, "drill", {"change": "CR1234"}).params["from"].text == "west"


@pytest.mark.parametrize(
    ("kind", "text", "fits"),
    [
        ("int", "12", True),
        ("int", "1.5", False),
        ("size", "16MiB", True),
        ("size", "16", False),
        ("share", "5%", True),
        ("share", "5", False),
        ("duration", "90m", True),
        ("duration", "90", False),
    ],
)
def test_a_parameter_has_the_form_of_its_type(kind: str, text: str, *, fits: bool) -> None:
    declared = {"x": Param.model_validate({"type": kind})}
    if fits:
        assert bind_params(declared, {"x": text})["x"].text == text
    else:
        with pytest.raises(Refused, match="`x`"):
            bind_params(declared, {"x": text})


def test_a_scope_answers_every_kind_of_reference() -> None:
    scope = Scope(
        bound(LEDGER, "staging"),
        items={"h": "web2"},
        saved=lambda step, name: f"{step}.{name}",
        measured=lambda mode: timedelta(seconds=90),
        now=T0,
    )
    text = "${h} ${h.address} ${hosts.jump.port} ${databases.new.address} ${databases.new.name}"
    text += " ${steps.a.b} ${params.names}"
    assert fill(text, scope) == "web2 web2.stg 2222 new.stg ledger a.b books,lines"
    assert fill("${modes.read_only.max} ${modes.read_only.measured} ${env} ${now}", scope) == (
        "20m 1m30s staging 2026-06-06T22:00:00Z"
    )
