"""A rollback that a trigger proposes, in one line: what it saw, what happens at zero, and who is asked."""

from __future__ import annotations

from datetime import timedelta

from app.run.proposals import starts_alone
from ui import words
from ui.models.shown import Shown


def proposal_line(shown: Shown) -> str:
    """The line; empty when nothing is proposed."""
    proposal = shown.state.proposal
    if proposal is None:
        return ""
    left = timedelta(milliseconds=proposal.length_ms) - shown.now.awake_since(proposal.began)
    asked = ", then ".join(proposal.asks)
    who = f" {asked} decide." if asked else ""
    if not starts_alone(shown.state, proposal) or left <= timedelta():
        then = f"It stays until somebody decides: roll back, or hold it off (Ctrl+H) with a reason.{who}"
    else:
        then = (
            f"Rolls back by itself {words.remaining(left)} unless you hold it off (Ctrl+H); nothing has been sent yet."
        )
    return f"Trigger {proposal.trigger} wants to roll back: {proposal.reason}. {then}"
