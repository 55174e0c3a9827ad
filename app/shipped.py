"""Where the files shipped with Tminus are: its runbooks and its resources.

An installed wheel carries them in `app/_shipped/` (see `force-include` in pyproject.toml); a checkout has them
beside `app/`. Both answers are folders on disk, so that an error can name a real file and line.
"""

from pathlib import Path


def runbooks_dir() -> Path:
    """The folder of the shipped runbooks, numbered from smallest to fullest. Absolute; read only."""
    return _shipped("runbooks")


def resources_dir() -> Path:
    """The folder of icons, fonts, themes and the runbook schema. Absolute; read only."""
    return _shipped("resources")


def _shipped(name: str) -> Path:
    app = Path(__file__).resolve().parent
    installed = app / "_shipped" / name
    return installed if installed.is_dir() else app.parent / name
