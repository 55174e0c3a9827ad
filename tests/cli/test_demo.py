"""`tminus demo --headless`: a whole cutover in the terminal, calm and with an incident, proved from the estate."""

from __future__ import annotations

import pytest

from tests.cli.terminal import Cli


@pytest.mark.parametrize(("words", "code"), [([], 0), (["--incident", "error-rate"], 8)], ids=["calm", "error-rate"])
def test_the_demo_runs_through_and_is_proved(cli: Cli, words: list[str], code: int) -> None:
    ran = cli("demo", "--headless", "--orders", "2000", *words)
    assert ran.code == code, ran.out[-2000:] + ran.err
    proofs = [line for line in ran.out.splitlines() if line.startswith(("proved", "WRONG"))]
    assert len(proofs) >= 5
    assert not [line for line in proofs if line.startswith("WRONG")]
    run = next(line for line in ran.out.splitlines() if line.count("-") == 2 and " " not in line)
    assert cli("verify", run).code == 0


def test_an_unknown_incident_is_refused_with_the_known_ones(cli: Cli) -> None:
    ran = cli("demo", "--headless", "--incident", "earthquake")
    assert ran.code == 1
    assert "error-rate" in ran.err
