"""Which secrets a run asks for: wherever a reference stands, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.session import open_runbook
from app.session.secrets_used import secrets_used
from tests.session.conversation import write

NAMES = (
    "db",
    "key",
    "pw",
    "env",
    "undo",
    "inner",
    "probe",
    "head",
    "until",
    "back",
    "after",
    "script",
    "none",
    "named",
)
BOOK = (
    f"secrets: {{{', '.join(f'{name}: {{from: env, name: X}}' for name in NAMES)}}}"
    """
databases: {one: {url: 'postgresql://u@h/d', password: db}}
hosts: {web: {address: h, passphrase: key, password: pw}}
rollback: {after: [{local: {argv: [a], env: {A: "${secrets.back}"}}, changes: nothing}]}
metrics:
  m: {http: {url: 'http://h/', headers: {A: "Bearer ${secrets.head}"}}, value: json.a, every: 10s}
"""
)
STEPS = """
- id: p
  steps:
    - id: a
      local: {argv: [a], env: {A: "x${secrets.env}"}}
      changes: reversible
      probe: {local: {argv: [a], stdin: "${secrets.probe}"}, expect: {exit: 0}}
      undo: [{local: {argv: [a], stdin: "${secrets.undo}"}, changes: nothing}]
    - id: e
      changes: nothing
      each: {in: [x], as: i, steps: [{id: f, local: {argv: [a], stdin: "${secrets.inner}"}, changes: nothing}]}
    - {id: w, wait: {until: {local: {argv: [a], stdin: "${secrets.until}"}, exit: 0}, every: 1s, timeout: 9s}}
    - {id: s, title: "about secrets.named", local: {script: 'echo "${secrets.script}"'}, changes: nothing}
"""


def used(folder: Path, steps: str = STEPS) -> frozenset[str]:
    loaded = open_runbook(write(folder, steps, BOOK))
    assert loaded.runbook is not None, loaded.problems
    return secrets_used(loaded.runbook)


def test_a_reference_is_found_wherever_it_stands_and_a_name_in_plain_text_is_none(tmp_path: Path) -> None:
    assert used(tmp_path) == set(NAMES) - {"after", "script", "none", "named"}


@pytest.mark.parametrize("name", ["env", "probe", "undo", "inner", "until"])
def test_a_secret_that_nothing_asks_for_any_more_is_not_used(tmp_path: Path, name: str) -> None:
    assert name not in used(tmp_path, STEPS.replace(f"${{secrets.{name}}}", "plain"))
