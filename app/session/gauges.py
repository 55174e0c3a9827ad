"""The metrics of a run: a source for each, and the sampler that reads them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from app.metrics.baseline import Usual
from app.metrics.freshness import longest_age
from app.metrics.kind import Reach
from app.metrics.sampler import EVERY, Sampler, Scheduled
from app.metrics.sources import source_of
from app.ports import Clock, Sample
from app.runbook.inputs import Inputs
from app.runbook.scope import Scope
from app.runbook.substitute import substitute

SHORTEST = timedelta(milliseconds=100)
"""No metric is read more often than this."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """What is read, by metric; ahead: the baselines that were measured before the run (`tminus baseline`)."""

    scheduled: Mapping[str, Scheduled]
    ahead: Mapping[str, Usual] = field(default_factory=dict)

    def sampler(self, clock: Clock, listen: Callable[[Sample], None]) -> Sampler:
        """One that reads them; start it in the engine's loop."""
        return Sampler(self.scheduled, clock, listen)


def metrics_of(inputs: Inputs, through: Reach, ahead: Mapping[str, Usual]) -> Metrics:
    """The metrics of a runbook, read through what it may reach. Raises Refused, MissingValue."""
    scheduled: dict[str, Scheduled] = {}
    triggers = inputs.runbook.triggers
    for name, declared in inputs.runbook.metrics.items():
        metric = substitute(declared, Scope(inputs))
        every = max(metric.every or EVERY, SHORTEST)
        age = longest_age(name, metric, every, triggers)
        scheduled[name] = Scheduled(source_of(metric, through), every, metric.unit, age)
    return Metrics(scheduled, ahead)
