"""What the guide of the demo says, from where the run stands."""

from __future__ import annotations

from dataclasses import dataclass

from ui.models.shown import Shown


@dataclass(frozen=True, slots=True)
class Hint:
    """What one sees, and what to press."""

    headline: str
    words: str


_AT_STEP = {
    "welcome": Hint("Begin here", "Read the step below, then press Done, or Ctrl+Enter. Nothing can break."),
    "both-drivers": Hint(
        "One worker first, then you look",
        "The canary is done. Check the errors at the right, then continue with the other (Ctrl+Enter).",
    ),
    "notice": Hint(
        "A person does this one",
        "Tick both lines, then Done. Every tick and name is in the record.",
    ),
    "go-start": Hint(
        "A decision rests on facts",
        "They stand below, with their age. Say Go in somebody's name; silence is never go.",
    ),
    "go-open": Hint(
        "The read-only clock runs, top right",
        "Three comparisons are green: say Go, or roll back.",
    ),
    "keep": Hint(
        "You can still go back",
        "Press Roll back now to see it: five seconds to stop it, and no order is lost. Or say Go to stay.",
    ),
}
_AT = {
    "counting-down": Hint(
        "Nothing has been sent yet",
        "Stop (Esc) leaves everything as it is. Press the button again to start at once.",
    ),
    "failed": Hint(
        "A step failed, and nothing goes on by itself",
        "Read why, in red. Retry it, or press Roll back: the strip above says what that takes.",
    ),
    "doubt": Hint("Nobody guesses", "The evidence is below. Ask the target again: that is the safest."),
    "finished": Hint(
        "That was a whole cutover",
        "It can still be rolled back: try it. Every word of it is in History, and can be verified.",
    ),
    "rolled-back": Hint(
        "Everything is as it was, and proved",
        "The last rows at the left compared both sides. Every word of it is in History.",
    ),
}


def hint_of(shown: Shown) -> Hint | None:
    """The hint for now; None where there is nothing to add."""
    if shown.browsing:
        return None
    why, address = shown.focus.why, shown.focus.address
    if why in _AT:
        return _AT[why]
    if shown.going_back:
        return Hint(
            "The way back, newest first", "Each undo is a step with its own record. Watch it go left on the line."
        )
    return _AT_STEP.get(address) if why in {"question", "gate"} else None
