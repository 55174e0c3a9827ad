"""The live half of `wait`: time that passes, or something that is asked again and again until it is so.

A length of time counts from when the step first started, so a console that was away does not make anybody wait longer.
A time-out counts only while somebody looks: a console that comes back looks again before it says that it was in vain.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from app.errors import TminusError
from app.metrics.freshness import why_dark
from app.ports import Sample, Say, World
from app.run.compare import as_text, compare
from app.run.expect import MISSING, fact, unmet
from app.run.outcome import Intent, Observed, Outcome, Verdict
from app.runbook.model_step import Step
from app.runbook.units import format_duration, parse_quantity
from app.steps.doubt import inner_ticket
from app.steps.live import Toolbox
from app.steps.settling import watching

_EVERY = timedelta(seconds=10)
_TURN = timedelta(seconds=4)  # a sign of life at least this often: after 8 s of silence contact counts as lost
_HERE = "this console"
_HTTP_ERROR = 400


@dataclass(frozen=True, slots=True)
class Reading:
    """One look. `holds`: the rules hold now; `told`: what was seen, for people; `value`: as a number, if it is one."""

    holds: bool
    told: str
    value: float | None
    observed: Observed


Look = Callable[[], Awaitable[Reading]]


class WaitLive:
    """perform, settle and stop of `wait`."""

    async def perform(self, intent: Intent, step: Step, world: World, say: Say, toolbox: Toolbox) -> Outcome:
        """Wait. Ends DONE, or TIMED_OUT with the last thing seen."""
        body: Any = step.body
        if body.until is not None:
            return await _Watch(intent, body, world, say, toolbox).to_the_end()
        until = toolbox.moment if body.for_ is None else toolbox.began + body.for_
        assert until is not None, "a wait has one of for, time and until"
        await _pass_time(until, world, say)
        waited = world.clock.now() - toolbox.began
        return Outcome(Verdict.DONE, f"waited {_told(waited)}", Observed({"duration": waited}), elapsed=waited)

    async def settle(self, intent: Intent, step: Step, world: World, say: Say, toolbox: Toolbox) -> Outcome:
        """Waiting changes nothing, so it simply goes on."""
        return await self.perform(intent, step, world, say, toolbox)

    async def stop(self, intent: Intent, step: Step, world: World, force: Literal["gentle", "kill"]) -> bool:
        """Nothing runs at any target."""
        return False


async def _pass_time(until: datetime, world: World, say: Say) -> None:
    """By the wall clock, looked at every few seconds: a laptop that slept wakes up at the right time."""
    while (left := until - world.clock.now()) > timedelta():
        say.alive(_HERE)
        await world.clock.sleep(min(left, _TURN))


class _Watch:
    """One `wait: {until}`."""

    def __init__(self, intent: Intent, body: Any, world: World, say: Say, toolbox: Toolbox) -> None:  # noqa: ANN401 - WaitBody; the five that an attempt is
        self._intent, self._world, self._say, self._toolbox = intent, world, say, toolbox
        self._until = body.until
        self._every: timedelta = body.every or _EVERY
        self._ends = world.clock.now() + body.timeout if body.timeout is not None else None
        self._settling = watching(body.stable)
        self._last = Reading(holds=False, told="nothing was seen", value=None, observed=Observed())
        latest = world.gauges.latest(self._until.metric) if self._until.kind == "metric" else None
        self._sample = latest.number if latest else 0  # only what is measured from now on says anything about now
        self._mark = latest.source if latest else ""

    async def to_the_end(self) -> Outcome:
        """Look until it holds or time is up."""
        look: Look = self._metric if self._until.kind == "metric" else self._inner
        while True:
            reading = await self._within_time(look)
            if reading is None:
                return self._outcome(Verdict.TIMED_OUT, f"not so after {self._waited()}: {self._last.told}")
            self._last = reading
            if self._settling.settled(reading.holds, reading.value):
                return self._outcome(Verdict.DONE, f"{reading.told}{self._settling.told()}")
            if self._until.kind != "metric":
                await self._pause()

    async def _within_time(self, look: Look) -> Reading | None:
        """One look, or None when time ran out first. While it takes, the console says that it lives."""
        task = asyncio.ensure_future(look())
        try:
            while not task.done():
                left = self._left()
                if left is not None and left <= timedelta():
                    return None
                self._say.alive(_HERE)
                turn = _TURN if left is None else min(left, _TURN)
                await asyncio.wait([task], timeout=turn.total_seconds())
            return task.result()
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait([task])

    async def _pause(self) -> None:
        left = self._left()
        length = self._every if left is None else min(self._every, left)
        await _pass_time(self._world.clock.now() + length, self._world, self._say)

    def _left(self) -> timedelta | None:
        return None if self._ends is None else self._ends - self._world.clock.now()

    async def _metric(self) -> Reading:
        sample = await self._next()
        name = f"metric {self._until.metric}"
        dark = why_dark(sample)
        if sample.value is None or dark:
            return Reading(holds=False, told=f"{name} has no value: {dark}", value=None, observed=Observed())
        rule = self._until.is_
        holds = rule is None or compare(as_text(sample.value), rule.op, rule.right, sample.unit)
        wanted = "" if rule is None or holds else f", wanted {rule}"
        told = f"{name} is {_with_unit(sample)}{wanted}"
        return Reading(holds=holds, told=told, value=sample.value, observed=Observed({"value": sample.value}))

    async def _next(self) -> Sample:
        """The next one that says something new; the same reading once more does not, until it has become too old."""
        while True:
            sample = await self._world.gauges.next(self._until.metric, self._sample)
            self._sample = sample.number
            if why_dark(sample):
                return sample
            repeated = sample.source and sample.source == self._mark
            self._mark = sample.source
            if not repeated:
                return sample

    async def _inner(self) -> Reading:
        ticket = inner_ticket(self._intent, "until", self._world)
        try:
            return self._judged(await self._ask(ticket))
        except TminusError as trouble:
            return Reading(holds=False, told=str(trouble), value=None, observed=Observed())

    async def _ask(self, ticket: str) -> Outcome:
        try:
            return await self._toolbox.observe(self._until.kind, self._until.body, ticket)
        finally:
            await self._tidy(ticket)

    async def _tidy(self, ticket: str) -> None:
        """A look that was cut short must not go on at the target, and no look leaves its folder behind."""
        if self._until.kind != "local":
            return
        place = self._world.local
        state = await place.state(ticket)
        if state.rc is None:
            await place.cancel(ticket, "KILL")
        await place.forget(ticket)

    def _judged(self, outcome: Outcome) -> Reading:
        until, observed = self._until, outcome.observed
        if outcome.verdict is not Verdict.DONE:
            return Reading(holds=False, told=outcome.summary, value=None, observed=observed)
        broken = list(unmet(until.expect, observed, self._toolbox.redact)) if until.expect is not None else []
        seen = fact(observed, until.value) if until.value else MISSING
        if until.value and (until.is_ is not None or seen is MISSING):
            broken += _one(until.value, seen, until.is_)
        if not broken and not until.value and until.expect is None and observed.facts.get("status", 0) >= _HTTP_ERROR:
            broken.append(outcome.summary)
        told = "; ".join(broken) or (f"{until.value} is {as_text(seen)}" if until.value else outcome.summary)
        return Reading(holds=not broken, told=told, value=_number(seen), observed=observed)

    def _waited(self) -> str:
        return _told(self._world.clock.now() - self._toolbox.began)

    def _outcome(self, verdict: Verdict, summary: str) -> Outcome:
        elapsed = self._world.clock.now() - self._toolbox.began
        facts = {**self._last.observed.facts, "duration": elapsed}
        return Outcome(verdict, summary, Observed(facts), elapsed=elapsed)


def _one(name: str, seen: object, rule: Any) -> list[str]:  # noqa: ANN401 - Comparison or None
    if seen is MISSING:
        return [f"{name} was not seen"]
    if rule is None or compare(seen, rule.op, rule.right):
        return []
    return [f"{name} is {as_text(seen)}, wanted {rule}"]


def _with_unit(sample: Sample) -> str:
    return f"{as_text(sample.value)}{sample.unit if sample.unit in ('%', '') else ' ' + sample.unit}"


def _number(seen: object) -> float | None:
    quantity = None if seen is MISSING or isinstance(seen, bool) else parse_quantity(as_text(seen))
    return None if quantity is None else quantity.number


def _told(length: timedelta) -> str:
    return format_duration(timedelta(seconds=max(1, round(length.total_seconds()))))
