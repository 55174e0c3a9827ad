"""What the runbook works on: secrets, hosts, databases, environments, modes, artifacts, metrics and triggers."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field

from app.runbook.body import BODY_KEY, MaybeBody, choose
from app.runbook.conditions import ComparisonField, LimitField
from app.runbook.fields import Duration, Flag, MomentField, Names, Sealable, Whole
from app.runbook.part import Part, Raw, Reading


def _secret_name(value: str) -> str:
    return value.removeprefix("${secrets.").removesuffix("}")


class Secret(Part):
    """Where a secret's value comes from; never the value."""

    from_: Literal["keyring", "prompt", "env"] = Field(alias="from")
    name: str = ""


class Host(Part):
    """A machine: where it is, as whom, and through which other host (`via`).

    key: a private key file, used instead of any other; passphrase: the secret that opens it; password: the secret to
    log in with where no key does.
    """

    address: str
    user: str = ""
    port: Whole | None = None
    via: str = ""
    shell: str = ""
    key: str = ""
    passphrase: Annotated[str, AfterValidator(_secret_name)] = ""
    password: Annotated[str, AfterValidator(_secret_name)] = ""


class Database(Part):
    """A database: its SQLAlchemy URL without a password, the secret that is its password, the host to tunnel over."""

    url: str
    password: Annotated[str, AfterValidator(_secret_name)] = ""
    via: str = ""


class Environment(Part):
    """Where the runbook runs. `set` overrides values of the file by flat path (`databases.src.url`)."""

    production: Flag = False
    rehearsal: Flag = False
    live: Flag = False
    confirm: str = ""
    set: dict[str, Any] = Field(default_factory=dict)


class Mode(Part):
    """Something that is switched on and must come off on every path. blocks: what cannot be done meanwhile."""

    max: Duration | None = None
    downtime: Flag = False
    title: str = ""
    blocks: str = ""


class Artifact(Part):
    """A backup or a dump: where it is, how long it is kept, and the step that checks it."""

    where: str = ""
    keep: Duration | None = None
    check: str = ""


class Baseline(Part):
    """The usual value of a metric: over which time it is measured, and how it is summed up."""

    from_: MomentField = Field(alias="from")
    to: MomentField
    stat: Literal["median", "mean", "min", "max", "p90", "p95", "p99"] = "median"


class Prometheus(Part):
    """A Prometheus server (its base URL) and the query to ask it; or the URL of a metrics page and a sample's name."""

    sealed: ClassVar[frozenset[str]] = frozenset({"headers"})
    encoded: ClassVar[frozenset[str]] = frozenset({"url"})

    url: str
    query: str = ""
    headers: dict[str, Sealable] = Field(default_factory=dict)


class Metric(Part):
    """A figure that is watched. `kind` is "sql", "host", "local", "http", "prometheus" or "step".

    `body` holds the fields of the first four; `prometheus` and `step` those of the last two.
    """

    kind: str = Field(alias=" kind")
    body: MaybeBody = Field(alias=" body")
    prometheus: Prometheus | None = None
    step: str = ""
    title: str = ""
    value: str = ""
    unit: str = ""
    every: Duration | None = None
    no_data: Literal["investigate", "pause"] = "investigate"
    baseline: Baseline | None = None

    @classmethod
    def arrange(cls, data: Raw, reading: Reading | None) -> Raw:
        """Finds the one source."""
        if not isinstance(data, dict) or BODY_KEY in data:
            return data
        return choose(data, reading, cls, ("prometheus", "step"))


class Trigger(Part):
    """A rule over a metric: when it holds for so long in these phases, do this."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$", max_length=80)]
    metric: str
    when: LimitField
    for_: Duration | None = Field(default=None, alias="for")
    during: Names = ()
    do: Literal["investigate", "pause", "rollback"] = "investigate"
    owner: str = ""
    auto: Flag = False
    shadow: Flag = False
    min_samples: Whole | None = None
    max_age: Duration | None = None
    clear: ComparisonField | None = None
    cool_down: Duration | None = None
