"""How a secret may be written, and where such writings stand; made here, apart from the redactor that is tested."""

from __future__ import annotations

import base64
import html
import json
import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus


def forms(secret: str) -> frozenset[bytes]:
    """Raw, for URLs, base64 at three alignments, hex, JSON, shell, SQL, HTML and UTF-16."""
    raw = secret.encode()
    texts = {secret, quote(secret), quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]}
    texts |= {shlex.quote(secret), secret.replace("'", "''"), html.escape(secret), raw.hex(), raw.hex().upper()}
    found = {text.encode() for text in texts}
    for skip in range(3):
        whole = base64.b64encode(raw[skip:])[:-4]
        found |= {whole, whole.replace(b"+", b"-").replace(b"/", b"_")}
    return frozenset(found | {secret.encode("utf-16-le"), secret.encode("utf-16-be")})


LookedAt = dict[Path, tuple[int, int]]
"""Time and size of files when they were last looked at."""


class Nose:
    """Finds canaries in bytes. `secrets`: value by name."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self._forms = {name: forms(value) for name, value in secrets.items()}

    def names_in(self, data: bytes) -> list[str]:
        """Names of the secrets that stand there in any form; also across line ends that a tool put in."""
        joined = data.replace(b"\n", b"").replace(b"\r", b"")
        return [name for name, some in self._forms.items() if any(one in data or one in joined for one in some)]

    def names_in_files(
        self, folders: Iterable[Path], *, but: Iterable[Path] = (), looked_at: LookedAt | None = None
    ) -> list[str]:
        """`name in path` for every file below; `but` are folders that are left out.

        looked_at: files that are as they were are not read again; kept up to date.
        """
        left_out = tuple(but)
        return [
            f"{name} in {path}"
            for folder in folders
            for path in folder.rglob("*")
            if path.is_file() and not path.is_symlink() and not any(path.is_relative_to(one) for one in left_out)
            if looked_at is None or _changed(path, looked_at)
            for name in self.names_in(_bytes(path))
        ]


def _changed(path: Path, looked_at: LookedAt) -> bool:
    try:
        now = path.stat()
    except OSError:  # it went away while we looked
        return False
    before, looked_at[path] = looked_at.get(path), (now.st_mtime_ns, now.st_size)
    return looked_at[path] != before


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it went away while we looked
        return b""
