"""Turns one command into shell text: every argument stays one argument, and secrets never touch a file or an argv.

Two quotings are used. `quoted` is the single-quoted word of POSIX sh, for text that a shell reads from the ticket's own
folder. `escaped` is printable ASCII that `printf %b` turns back into any bytes, NUL included, for what travels inside a
request; it was compared byte for byte on dash, bash and busybox.
"""

from __future__ import annotations

import re
import zlib
from importlib.resources import files

from app.errors import Refused
from app.ports import Payload

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_READ_ONLY = frozenset({"BASHOPTS", "BASH_VERSINFO", "EUID", "PPID", "SHELLOPTS", "UID"})
_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=,+@")
_ROOMY = _PLAIN | frozenset(b' \n\t!"#$%&()*;<>?[]^`{|}~-')
_TABLES = {
    tight: tuple(chr(b) if b in (_PLAIN if tight else _ROOMY) else f"\\0{b:03o}" for b in range(256))
    for tight in (True, False)
}
_MIRRORED = bytes(int(f"{b:08b}"[::-1], 2) for b in range(256))
_STDIN_LIMIT = 8 << 20


def shell_text(name: str) -> str:
    """One of the shell texts that are shipped beside this file."""
    return files("app.connectors").joinpath("far", name).read_text(encoding="ascii")


def quoted(text: str) -> str:
    """One word of POSIX sh, whatever is inside. Raises Refused for NUL, which no argument can hold."""
    if "\0" in text:
        raise Refused("A command's argument, value or folder contains a NUL.", hint="Send such bytes through stdin.")
    return "'" + text.replace("'", "'\\''") + "'"


def escaped(data: bytes, *, tight: bool = False) -> str:
    """Text for `printf %b` that may stand between single quotes. `tight`: one word on one line as well."""
    table = _TABLES[tight]
    return "".join([table[b] for b in data])


def command_text(payload: Payload) -> str:
    """The text that the command's own shell runs, kept in the ticket's folder; nothing secret is in it.

    Raises Refused for what no shell can be told: NUL, names that are not variable names.
    """
    lines = [shell_text("begin.sh")]
    if payload.script:
        lines.append('set -- "$@" "$t_dir/p/script"\n')
    if payload.cwd:
        folder = f"./{payload.cwd}" if payload.cwd.startswith("-") else payload.cwd
        lines.append(f"CDPATH= cd -- {quoted(folder)} >/dev/null || exit 126\n")
    else:
        lines.append('cd "${HOME:-/}" || exit 126\n')
    if payload.secret_env:
        size = len(escaped(_exports(payload.secret_env), tight=True))
        lines.append("unset t_sec; IFS= read -r t_sec <&4\n")
        lines.append(
            f'[ "${{#t_sec}}" -eq {size} ] || {{ echo "the secrets were cut short; nothing ran" >&2; exit 126; }}\n'
        )
        lines.append('eval "unset t_sec; $(printf \'%b\' "$t_sec")"\n')
    lines.append("exec 4<&-; unset t_dir t_start t_stat\n")
    lines.append(_exports(payload.env).decode("utf-8", "surrogateescape"))
    lines.append(_last_line(payload))
    return "".join(lines)


def secret_text(payload: Payload) -> str:
    """What goes through the pipe: the exports and stdin, each one word, `-` for none. Empty when nothing is secret."""
    stdin = payload.stdin if payload.stdin_is_secret else None
    if not payload.secret_env and not stdin:
        return ""
    pairs = escaped(_exports(payload.secret_env), tight=True) if payload.secret_env else "-"
    return f"{pairs} {escaped(stdin, tight=True) if stdin else '-'}"


def open_stdin(payload: Payload) -> bytes:
    """Stdin that may lie in the ticket's folder. Raises Refused above 8 MiB, secret or not."""
    stdin = payload.stdin or b""
    if len(stdin) > _STDIN_LIMIT:
        raise Refused(f"stdin of {len(stdin)} bytes is more than 8 MiB.", hint="Write it to a file and name the file.")
    return b"" if payload.stdin_is_secret else stdin


def posix_cksum(data: bytes) -> int:
    """What `cksum` prints: zlib's CRC with every byte mirrored, the length appended, started from nought."""
    length = len(data)
    tail = length.to_bytes((length.bit_length() + 7) // 8, "little")
    mirrored = zlib.crc32((data + tail).translate(_MIRRORED), 0xFFFFFFFF)
    return int(f"{mirrored:032b}"[::-1], 2)


def _exports(pairs: tuple[tuple[str, str], ...]) -> bytes:
    lines = []
    for name, value in pairs:
        if not _NAME.match(name) or name in _READ_ONLY:
            raise Refused(f"{name!r} cannot be set in a command's environment.", hint="Use letters, digits and _.")
        lines.append(f"export {name}={quoted(value)}\n")
    return "".join(lines).encode("utf-8", "surrogateescape")


def _last_line(payload: Payload) -> str:
    if not payload.argv:
        return 'exec "$@"\n' if payload.script else "exit 0\n"
    words = " ".join(quoted(word) for word in payload.argv)
    # `exec` makes sure that a program runs and never a builtin; it would read a leading dash as an option of its own.
    return f"{words}\n" if payload.argv[0].startswith("-") else f"exec {words}\n"
