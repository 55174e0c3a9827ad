"""The clock of the way back in words: how long, known from where, until when, and what a step does to that. Pure."""

from __future__ import annotations

from datetime import timedelta

from app.reports.naming import one_line
from app.reports.spans import span
from app.rollback.ahead import After
from app.rollback.forecast import Downtime, Outlook
from app.rollback.readiness import Readiness
from app.rollback.times import Length


def strip(ready: Readiness) -> str:
    """`UNARMED: going back would fail now; database new: No answer`: word, headline and reasons on one line."""
    reasons = "".join(f"; {one_line(reason)}" for reason in ready.reasons)
    return f"{ready.word.value}: {one_line(ready.headline)}{reasons}"


def length_words(length: Length) -> str:
    """`12 min (p90 14 min, 3 earlier runs)`, or `~12 min` where a part of it is an estimate."""
    if not length.steps:
        return "no time at all"
    if not length.usual and length.unknown:
        return "a time that nobody has estimated"
    if not length.measured:
        return f"~{span(length.usual)}{_or_more(length)}"
    runs = f"{length.n} earlier run{'' if length.n == 1 else 's'}"
    if not length.is_estimate:
        return f"{span(length.usual)} (p90 {span(length.slow)}, {runs})"
    known = f"{length.measured} of {length.steps} steps known from {runs}"
    return f"~{span(length.usual)}{_or_more(length)} (p90 ~{span(length.slow)}, {known})"


def latest_words(clocks: Outlook) -> str:
    """`latest safe moment 03:41:10 UTC, in 17 min`; "" where nothing limits the way back."""
    if clocks.latest_safe is None or clocks.left is None:
        return ""
    when = f"latest safe moment {clocks.latest_safe:%H:%M:%S} UTC"
    if clocks.left < timedelta():
        return f"{when}, passed {span(-clocks.left)} ago"
    return f"{when}, in {span(clocks.left)}"


def after_words(after: After) -> str:
    """`after this: way back ~12 min, latest safe 03:41 UTC`; "" for what changes nothing of that."""
    if after.length is None:
        return f"after this: no way back ({one_line(after.closed)})"
    if not after.undos:
        return ""
    about = f"{'~' if after.length.is_estimate else ''}{span(after.length.usual)}"
    latest = f", latest safe {after.latest_safe:%H:%M} UTC" if after.latest_safe is not None else ""
    late = f", TOO LATE by {span(-after.left)}" if after.crosses and after.left is not None else ""
    return f"after this: way back {about}{latest}{late}"


def mode_words(mode: Downtime) -> str:
    """`read_only is on for 48 s of at most 1 min, nearly all of it; blocks new orders`."""
    budget = f" of at most {span(mode.budget)}" if mode.budget is not None else ""
    word = ", OVER ITS MAXIMUM" if mode.over else f", {mode.share:.0%} of it" if mode.nearly else ""
    blocks = mode.blocks or ("writes: it counts as downtime" if mode.counts else "")
    return f"{mode.mode} is on for {span(mode.spent)}{budget}{word}" + (
        f"; blocks {one_line(blocks)}" if blocks else ""
    )


def _or_more(length: Length) -> str:
    return " or more" if length.unknown else ""
