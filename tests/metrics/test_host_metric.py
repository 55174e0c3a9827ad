"""A metric that is a short command on a host, read over a real sshd in a real run."""

from __future__ import annotations

from pathlib import Path

from tests.lab.books import home_for, hosts
from tests.lab.sshd import Lab
from tests.session.conversation import new_run, order, until, write

STEPS = "- {id: p, steps: [{id: look, check: {text: Look}}]}"


def test_a_figure_of_a_host_is_read_again_and_again(lab: Lab, tmp_path: Path) -> None:
    metric = "metrics: {m: {host: {name: web1, argv: [echo, '42']}, value: stdout, every: 1s}}\n"
    path = write(tmp_path, STEPS, hosts(lab) + metric)
    session = new_run(order(path, home_for(lab, tmp_path)))
    try:
        state = until(session, lambda s: "m" in s.metrics and s.metrics["m"].number >= 2, 60)
        assert state.metrics["m"].value == 42, state.metrics["m"].problem
    finally:
        session.detach()
