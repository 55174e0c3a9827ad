"""What may go wrong in an estate: one table. An incident is set when the estate is created and shows itself later."""

from __future__ import annotations


class Incident:
    """How the estate misbehaves. All but a damaged copy begins when the shop serves from the new database.

    failing: share of requests that fail, 0 to 1; delay: seconds added to each request; spoils: "copy" when the bulk
    copy changes a few rows whose count and sum stay right, "metrics" when they answer 503, or "".
    """

    __slots__ = ("delay", "failing", "says", "spoils")

    def __init__(self, says: str, failing: float = 0.0, delay: float = 0.0, spoils: str = "") -> None:
        self.says = says
        self.failing = failing
        self.delay = delay
        self.spoils = spoils


CALM = Incident("Nothing goes wrong.")
INCIDENTS = {
    "error-rate": Incident("After the switch 15 % of all requests fail on the new side.", failing=0.15),
    "slow": Incident("After the switch every request takes a quarter of a second longer.", delay=0.25),
    "inconsistent": Incident("The bulk copy changes a few orders; counts and sums stay right.", spoils="copy"),
    "no-data": Incident("After the switch the shop's metrics no longer answer.", spoils="metrics"),
}


def incident_of(name: str) -> Incident:
    """The incident of this name, CALM for "". Raises KeyError for a name that is not in the table."""
    return INCIDENTS[name] if name else CALM
