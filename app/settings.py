"""Where Tminus keeps its things on this machine, and what its operator prefers."""

from __future__ import annotations

import getpass
import json
import os
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, cast

from app.errors import RecordUnwritable, Refused

Theme = Literal["system", "light", "dark"]
THEMES: tuple[Theme, ...] = ("system", "light", "dark")


@dataclass(frozen=True, slots=True)
class Settings:
    """home: folder of records and settings, absolute; operator: the name in records; theme: of the window."""

    home: Path
    operator: str = ""
    theme: Theme = "system"

    @property
    def runs(self) -> Path:
        """The folder of the records."""
        return self.home / "runs"

    @property
    def file(self) -> Path:
        """Where the preferences are kept."""
        return self.home / "settings.json"


def load_settings(home: Path | None = None) -> Settings:
    """The settings under `home`, else under TMINUS_HOME, else in the platform's folder for user data.

    A preference that this version does not know is ignored. Raises Refused when the file cannot be understood.
    """
    settings = Settings(home=_home(home), operator=_user())
    try:
        text = settings.file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return settings
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(settings.file, str(error)) from error
    return replace(settings, **_preferences(text, settings.file))


def save_settings(settings: Settings) -> None:
    """Keep the preferences, for this user only, whole or not at all. Raises RecordUnwritable."""
    known = {name: value for name, value in asdict(settings).items() if name != "home"}
    aside = settings.file.with_name(f"{settings.file.name}.{os.getpid()}")
    try:
        settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(known, file, indent=2)
        aside.replace(settings.file)
    except OSError as error:
        reason = error.strerror or str(error)
        raise RecordUnwritable(f"The settings cannot be written: {reason}.", where=str(settings.file)) from error


def _home(home: Path | None) -> Path:
    named = home or os.environ.get("TMINUS_HOME")
    if named:
        return Path(named).expanduser().absolute()
    import platformdirs  # noqa: PLC0415 - only needed when nobody said where

    return Path(platformdirs.user_data_dir("tminus", appauthor=False))


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        return f"user-{os.getuid()}" if hasattr(os, "getuid") else "operator"


def _preferences(text: str, file: Path) -> dict[str, Any]:
    try:
        read = json.loads(text)
    except ValueError as error:
        raise _unreadable(file, str(error)) from error
    if not isinstance(read, dict):
        raise _unreadable(file, "it is no JSON object")
    wanted = {field.name for field in fields(Settings)} - {"home"}
    found = cast("dict[str, Any]", {name: value for name, value in read.items() if name in wanted and value})
    wrong = [name for name, value in found.items() if not isinstance(value, str)]
    if wrong or found.get("theme", "system") not in THEMES:
        raise _unreadable(file, f"{wrong[0] if wrong else 'theme'} has a value that Tminus does not know")
    return found


def _unreadable(file: Path, why: str) -> Refused:
    return Refused(f"The settings cannot be read: {why}.", where=str(file), hint="Mend the file, or remove it.")
