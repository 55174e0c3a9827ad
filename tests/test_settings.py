"""Settings: where things are kept, and preferences that survive."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from app.errors import RecordUnwritable, Refused
from app.settings import Settings, load_settings, save_settings


def test_home_is_the_one_named_else_the_variable_else_the_platforms(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMINUS_HOME", str(tmp_path / "variable"))
    assert load_settings(tmp_path / "named").home == tmp_path / "named"
    assert load_settings().home == tmp_path / "variable"
    monkeypatch.delenv("TMINUS_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert load_settings().home.name == "tminus"


def test_a_home_is_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings(Path("here")).runs == tmp_path / "here" / "runs"


def test_preferences_survive_for_this_user_only(tmp_path: Path) -> None:
    changed = replace(load_settings(tmp_path), operator="raj", theme="dark")
    save_settings(changed)
    assert load_settings(tmp_path) == changed
    assert stat.S_IMODE(changed.file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["settings.json"]


def test_the_accounts_name_is_the_operator_until_another_is_chosen(tmp_path: Path) -> None:
    assert load_settings(tmp_path).operator


@pytest.mark.parametrize("text", ["{", "[]", '{"theme": "pink"}', '{"operator": 7}', "\x00"])
def test_a_file_that_cannot_be_understood_is_named_and_left_alone(tmp_path: Path, text: str) -> None:
    file = tmp_path / "settings.json"
    file.write_text(text)
    with pytest.raises(Refused) as refused:
        load_settings(tmp_path)
    assert refused.value.where == str(file)
    assert file.read_text() == text


def test_what_a_later_version_keeps_there_is_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text('{"theme": "light", "from_the_future": [1]}')
    assert load_settings(tmp_path).theme == "light"


def test_settings_that_cannot_be_written_say_so(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    with pytest.raises(RecordUnwritable, match="cannot be written"):
        save_settings(Settings(tmp_path / "home" / "deeper"))
