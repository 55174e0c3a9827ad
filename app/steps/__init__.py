"""Step kinds: one file per kind. This list is the only place that names them all."""

from __future__ import annotations

from app.steps.check import CheckKind
from app.steps.compare import CompareKind
from app.steps.copy import CopyKind
from app.steps.decide import DecideKind
from app.steps.each import EachKind
from app.steps.host import HostKind
from app.steps.http import HttpKind
from app.steps.live import StepKind
from app.steps.local import LocalKind
from app.steps.sql import SqlKind
from app.steps.wait import WaitKind

BUILT_IN: tuple[StepKind, ...] = (
    CheckKind(),
    DecideKind(),
    SqlKind(),
    LocalKind(),
    HostKind(),
    HttpKind(),
    CopyKind(),
    CompareKind(),
    WaitKind(),
    EachKind(),
)
