"""Baselines that were measured ahead of a run: one JSON file per runbook and environment, under the home folder.

A figure counts only for the metric it was measured of: the file keeps a digest of its definition, and another
definition finds nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from app.errors import Refused
from app.metrics.baseline import Usual
from app.runbook.inputs import Inputs
from app.runbook.scope import Scope
from app.runbook.substitute import substitute


def file_of(home: Path, inputs: Inputs) -> Path:
    """Where they are kept."""
    where = f"@{inputs.env}" if inputs.env else ""
    return home / "baselines" / f"{inputs.runbook.name}{where}.json"


def keep(home: Path, inputs: Inputs, found: Mapping[str, Usual]) -> Path:
    """Put them away, beside those that are there; replaced in one go. Answers the file. Raises Refused."""
    file = file_of(home, inputs)
    kept = _read(file)
    for name, usual in found.items():
        row = asdict(usual) | {"began": usual.began.isoformat(), "ended": usual.ended.isoformat()}
        kept[name] = row | {"of": _digest(inputs, name)}
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = file.with_suffix(".part")
        part.write_text(json.dumps(kept, indent=1, sort_keys=True), encoding="utf-8")
        part.replace(file)
    except OSError as trouble:
        raise Refused("The baselines could not be kept.", where=str(file), hint=str(trouble.strerror)) from trouble
    return file


def kept_ahead(home: Path, inputs: Inputs) -> Mapping[str, Usual]:
    """Those of this runbook that still fit their metrics. Raises Refused for a file that cannot be read."""
    kept = _read(file_of(home, inputs))
    return {
        name: _usual(row)
        for name, row in kept.items()
        if name in inputs.runbook.metrics and row.get("of") == _digest(inputs, name)
    }


def _read(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as trouble:
        raise Refused("The baselines cannot be read.", where=str(file), hint="Mend it, or remove it.") from trouble
    if not isinstance(found, dict) or not all(isinstance(row, dict) for row in found.values()):
        raise Refused("These are no baselines.", where=str(file), hint="Mend it, or remove it.")
    return found


def _usual(row: Mapping[str, Any]) -> Usual:
    try:
        return Usual(
            metric=str(row["metric"]),
            stat=str(row["stat"]),
            value=float(row["value"]),
            n=int(row["n"]),
            median=float(row["median"]),
            p95=float(row["p95"]),
            began=datetime.fromisoformat(row["began"]),
            ended=datetime.fromisoformat(row["ended"]),
            source="ahead",
        )
    except (KeyError, TypeError, ValueError) as trouble:
        raise Refused(
            "A baseline that was kept cannot be read.", hint="Measure it again: tminus baseline."
        ) from trouble


def _digest(inputs: Inputs, name: str) -> str:
    """Of the resolved definition, its title and its span left out: they do not change what is read."""
    metric = substitute(inputs.runbook.metrics[name], Scope(inputs))
    parts = (
        metric.kind,
        metric.body,
        metric.prometheus,
        metric.value,
        metric.unit,
        metric.baseline and metric.baseline.stat,
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
