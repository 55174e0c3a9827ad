"""The files that belong to the project: what git tracks or would track, or all there is in an unpacked archive."""

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def project_files() -> tuple[Path, ...]:
    """Every file of the project that exists now, sorted, relative to ROOT."""
    names = _known_to_git() if (ROOT / ".git").exists() and shutil.which("git") else _on_disk()
    return tuple(sorted(name for name in names if (ROOT / name).is_file()))


def python_files(*folders: str) -> tuple[Path, ...]:
    """The Python files below these top-level folders."""
    return tuple(file for file in project_files() if file.suffix == ".py" and file.parts[0] in folders)


def text_of(file: Path) -> str:
    """The text of a project file; empty for what is no text (a picture, a font)."""
    try:
        return (ROOT / file).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def _known_to_git() -> list[Path]:
    # A checkout may belong to somebody else than the one who tests it (a container's volume).
    listing = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    found = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [Path(name) for name in found.split("\0") if name]


def _on_disk() -> list[Path]:
    ours = (path.relative_to(ROOT) for path in ROOT.rglob("*"))
    return [path for path in ours if path.parts[0] not in {".venv", ".git"} and "__pycache__" not in path.parts]
