"""What the list of runs said of each record, so that a list of many does not read every record from end to end.

It is kept in `<home>/shelf.json` under the hash of the newest entry: a record that grew, or is not the same one
any more, is read anew. It proves nothing (`verify` does), and one that is missing or unreadable is made again.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

_NAME = "shelf.json"
_VERSION = 1

Words = Mapping[str, str | int | bool]
"""The fields of a line that come from the record."""


def recall(home: Path) -> dict[str, Words]:
    """Words by the hash of the newest entry, hex."""
    try:
        tree = json.loads((home / _NAME).read_text(encoding="utf-8"))
        found = tree["runs"] if tree["version"] == _VERSION else {}
        return {str(head): words for head, words in found.items() if isinstance(words, dict)}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def remember(home: Path, known: Mapping[str, Words]) -> None:
    """Keep these and no others, for this user only."""
    aside = home / f"{_NAME}.{os.getpid()}"
    with contextlib.suppress(OSError):  # a home that cannot be written is read every time
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            json.dump({"version": _VERSION, "runs": known}, out)
        aside.replace(home / _NAME)
