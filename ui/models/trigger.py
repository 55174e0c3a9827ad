"""A trigger that fired, as the middle of the screen: what it saw, against what, what follows, and what one may say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from app.metrics.rule import Rule
from app.run.proposals import starts_alone
from app.run.rulings import HELD_OFF
from app.run.state import Proposal, RunState, Stage, TriggerState
from ui import words
from ui.glyphs import Glyph
from ui.models.metric_memory import MetricMemory
from ui.models.metric_words import WANTS, amount, rule_words, title_of_metric
from ui.models.metrics import Look, look_at
from ui.models.naming import people_of, row_name
from ui.models.shown import Shown
from ui.models.trigger_figures import dark_figures, figures_of
from ui.tokens import Tone
from ui.widgets.figure_box import FigureView

_SAYS = {"rollback": "it wants to roll back", "pause": "it holds the run", "investigate": "somebody looks"}


class Way(StrEnum):
    """What came of it: a rollback is proposed, the run is held, or it is only told."""

    PROPOSED = "proposed"
    HELD = "held"
    TOLD = "told"


@dataclass(frozen=True, slots=True)
class OtherView:
    """Another trigger that fired: its name, what it says, and whether it still waits to be acknowledged."""

    trigger: str
    glyph: Glyph
    tone: Tone
    text: str
    unseen: bool


@dataclass(frozen=True, slots=True)
class TriggerView:
    """Everything the panel says. `left` of `whole` is what the ring shows; None where nothing counts down."""

    trigger: str
    metric: str
    way: Way
    glyph: Glyph
    tone: Tone
    title: str
    right: str
    rule: str
    figures: tuple[FigureView, ...]
    headline: str
    text: str
    left: timedelta | None
    whole: timedelta
    hold_for: str
    unseen: bool
    others: tuple[OtherView, ...]


def trigger_view(shown: Shown, memory: MetricMemory, chosen: str = "") -> TriggerView | None:
    """The trigger that leads: the one that proposes, else the one that holds the run, else one that a person chose."""
    state = shown.state
    name = leading(state) or (chosen if chosen in state.triggers else "")
    rule = rule_named(state, memory, name)
    fired = state.triggers.get(name)
    if rule is None or fired is None or shown.going_back:
        return None
    way = _way(state, name)
    look = look_at(shown, memory, rule.metric)
    dark = bool(fired.problem) and not fired.active
    headline, text = _what_follows(shown, rule, fired, way)
    proposal = state.proposal if way is Way.PROPOSED else None
    glyph, tone = _sign(rule, fired, dark=dark)
    return TriggerView(
        name,
        rule.metric,
        way,
        glyph,
        tone,
        _title(state, rule, fired, way),
        f"Trigger {name} \u00b7 fired {words.time_of_second(fired.newest.at, shown.zone)}",
        f"Rule: {rule_words(state, rule)}.{_owner(state, memory, name)}",
        (dark_figures if dark else figures_of)(shown, memory, look, rule),
        headline,
        text,
        _left(shown, proposal),
        timedelta(milliseconds=proposal.length_ms) if proposal is not None else timedelta(),
        words.about(memory.rules.triggers[name].cool_down or HELD_OFF).removeprefix("about "),
        fired.fired is not None,
        _others(shown, memory, name),
    )


def leading(state: RunState) -> str:
    """The trigger that asks for a person now; "" when none does."""
    if state.back is not None or state.stage is Stage.CLOSED:
        return ""
    if state.proposal is not None:
        return state.proposal.trigger
    holder = state.held_by.removeprefix("trigger ")
    return holder if holder != state.held_by and holder in state.triggers else ""


def unseen(state: RunState) -> TriggerState | None:
    """The newest firing that nobody has acknowledged and that does not lead."""
    if state.back is not None or state.stage is Stage.CLOSED:
        return None
    found = [one for one in state.triggers.values() if one.fired is not None and one.trigger != leading(state)]
    return max(found, key=lambda one: one.newest.at, default=None)


def unseen_line(shown: Shown, memory: MetricMemory) -> tuple[str, Tone, str]:
    """A firing that only tells, in one line, its tone, and its name; "" when there is none."""
    fired = unseen(shown.state)
    if fired is None:
        return "", Tone.MUTED, ""
    loud = fired.active and fired.outcome == "rollback" and not fired.shadow
    tone = Tone.BAD if loud else Tone.WARN
    return f"Trigger {fired.trigger}: {_said(shown, memory, fired)}.", tone, fired.trigger


def rule_named(state: RunState, memory: MetricMemory, name: str) -> Rule | None:
    """The rule of a trigger; None when this run's runbook has none of that name."""
    trigger = memory.rules.triggers.get(name)
    rules = memory.rules.of(state, trigger.metric) if trigger is not None else ()
    return next((rule for rule in rules if rule.trigger == name), None)


def _way(state: RunState, name: str) -> Way:
    if state.proposal is not None and state.proposal.trigger == name:
        return Way.PROPOSED
    return Way.HELD if state.held_by == f"trigger {name}" else Way.TOLD


def _sign(rule: Rule, fired: TriggerState, *, dark: bool) -> tuple[Glyph, Tone]:
    if dark:
        return Glyph.STALE, Tone.WARN
    if rule.shadow or rule.does == "investigate" or not fired.active:
        return Glyph.WARNING, Tone.WARN
    return Glyph.FAILED, Tone.BAD


def _title(state: RunState, rule: Rule, fired: TriggerState, way: Way) -> str:
    name = title_of_metric(state, rule.metric)
    ask = {Way.PROPOSED: ": roll back?", Way.HELD: ": the run holds", Way.TOLD: ""}[way]
    if fired.problem and not fired.active:
        return f"No data from {name}{': the run holds' if way is Way.HELD else ''}"
    is_now = "is" if fired.active else "was"
    return f"{name} {is_now} {_past(rule, fired)}{ask}"


def _past(rule: Rule, fired: TriggerState) -> str:
    limit = amount(rule.when.limit, rule.unit) if rule.when.limit is not None else fired.threshold
    return {">": f"over {limit}", ">=": f"at {limit} or more", "<": f"below {limit}"}.get(rule.when.op, fired.threshold)


def _owner(state: RunState, memory: MetricMemory, name: str) -> str:
    owner = memory.rules.triggers[name].owner
    people = people_of(state, (owner,))
    return f" Owner {', then '.join(people) or owner}." if owner else ""


def _left(shown: Shown, proposal: Proposal | None) -> timedelta | None:
    if proposal is None:
        return None
    return max(timedelta(milliseconds=proposal.length_ms) - shown.now.awake_since(proposal.began), timedelta())


def _what_follows(shown: Shown, rule: Rule, fired: TriggerState, way: Way) -> tuple[str, str]:
    state = shown.state
    if way is Way.PROPOSED and state.proposal is not None:
        return _proposed(shown, state.proposal)
    if way is Way.HELD:
        text = f"{state.held_reason.rstrip('.')}. Look at it; then go on, or roll back."
        return "Nothing new starts; what runs goes on", text
    if rule.shadow:
        return (
            "A shadow trigger only tells",
            f"Without the mark it would {WANTS[rule.does]}. Nothing follows by itself.",
        )
    if not fired.active and not fired.blind:
        since = None if fired.problem else fired.cleared
        over = f" since {words.time_of_second(since.at, shown.zone)}" if since is not None else ""
        return f"It is over{over}", "It stays marked until somebody acknowledges it. Nothing follows by itself."
    who = ", ".join(people_of(state, (_owner_role(state, rule),))) or "Somebody"
    return f"{who} looks at it", "It only asks for a look: nothing is held and nothing goes back by itself."


def _owner_role(state: RunState, rule: Rule) -> str:
    return next((one.owner for one in state.plan.runbook.triggers if one.id == rule.trigger), "")


def _proposed(shown: Shown, proposal: Proposal) -> tuple[str, str]:
    """What happens at zero, the first effects, and that nothing has been sent yet."""
    left = _left(shown, proposal) or timedelta()
    called = proposal.asks[: proposal.asked]
    then = proposal.asks[proposal.asked : proposal.asked + 1]
    if shown.back.refusal:
        return "Somebody decides: there is no way back", f"{shown.back.refusal} Hold it off with a reason."
    if starts_alone(shown.state, proposal) and left > timedelta():
        at = words.time_of_second((shown.now.at + left), shown.zone)
        headline = f"Rolls back by itself at {at} unless someone holds it"
    elif starts_alone(shown.state, proposal):
        headline = f"Waits for a fresh reading that is still over; {' and '.join(called)} may decide first"
    elif then and left > timedelta():
        headline = f"{called[-1]} decides; at zero {then[0]} is called too"
    else:
        headline = f"Stays until somebody decides: {', '.join(called)} {'was' if len(called) == 1 else 'were'} called"
    return headline, f"{_first_effects(shown)} Nothing has been sent yet."


def _first_effects(shown: Shown) -> str:
    rows = [row for row in shown.back.rows if row.part not in {"nothing", "verify"}]
    names = [row_name(shown.state, row) for row in rows]
    if not names:
        return "There is nothing to undo."
    more = len(names) - 1
    return f"First: {names[0]}." + (f" Then {words.plural(more, 'more undo')}." if more else "")


def _others(shown: Shown, memory: MetricMemory, name: str) -> tuple[OtherView, ...]:
    """Every other trigger that is red, blind or not acknowledged, the newest first."""
    found = [
        one
        for one in shown.state.triggers.values()
        if one.trigger != name and (one.active or one.blind or one.fired is not None)
    ]
    found.sort(key=lambda one: one.newest.at, reverse=True)
    return tuple(_other(shown, memory, one) for one in found)


def _other(shown: Shown, memory: MetricMemory, fired: TriggerState) -> OtherView:
    glyph, tone = Glyph.WARNING, Tone.WARN
    if fired.blind:
        glyph = Glyph.STALE
    elif fired.active and fired.outcome == "rollback" and not fired.shadow:
        glyph, tone = Glyph.FAILED, Tone.BAD
    text = f"{fired.trigger}: {_said(shown, memory, fired)}"
    return OtherView(fired.trigger, glyph, tone, text, fired.fired is not None)


def _said(shown: Shown, memory: MetricMemory, fired: TriggerState) -> str:
    """`Errors 9.5 %, > 2% for 3 s; somebody looks`."""
    state, name = shown.state, title_of_metric(shown.state, fired.metric)
    rule = rule_named(state, memory, fired.trigger)
    if fired.problem and not fired.active:
        over = "" if fired.blind else ", there is data again"
        dark = words.took(timedelta(milliseconds=fired.dark_ms))
        wants = _SAYS[rule.no_data] if rule is not None and not fired.shadow else "it only tells"
        return f"{name} gave no data for {dark} ({fired.problem}){over}; {wants}"
    wants = "it only tells" if fired.shadow else _SAYS.get(fired.outcome, fired.outcome)
    held = words.took(timedelta(milliseconds=fired.span_ms))
    value = amount(float(fired.value), rule.unit) if rule is not None and fired.value else fired.value
    if fired.active and fired.refused is not None and fired.again_ms:
        left = timedelta(milliseconds=fired.again_ms) - shown.age(fired.refused)
        wants = f"held off, asks again {words.remaining(left)} if it stays"
    over = "" if fired.active else ", over by now"
    over = f", no data by now ({fired.problem})" if fired.blind else over
    return f"{name} {value}, {fired.threshold} for {held}{over}; {wants}"


def look_of(shown: Shown, memory: MetricMemory, view: TriggerView) -> Look:
    """Its metric, for the plot."""
    return look_at(shown, memory, view.metric)
