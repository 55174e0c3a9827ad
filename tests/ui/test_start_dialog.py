"""What the start dialog gives on: what a person wrote, and else exactly what the file says."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.runbook.inputs import bind_params
from app.runbook.load import load
from app.runbook.model import Param, Runbook
from app.session import RunOrder
from app.shipped import runbooks_dir
from tests.runbook.sample import KINDS, small, sound
from ui.dialogs.start import StartDialog
from ui.theme import Theme

PARAMS = """
params:
  hosts: {type: list, default: [app1, app2]}
  words: {type: text, default: "  two\\n  lines\\t"}
  region: {type: text, default: eu}
  count: {type: int, default: 5}
"""
BOOK = small("- {id: a, check: {text: Look}}", PARAMS)


@pytest.fixture
def dialog(light: Theme) -> StartDialog:
    return StartDialog(Path("book.yaml"), sound(BOOK), "ana")


def agreed(dialog: StartDialog) -> RunOrder:
    orders: list[RunOrder] = []
    dialog.agreed.connect(orders.append)
    assert dialog.button.isEnabled(), dialog.wrong.text()
    dialog.button.click()
    return orders[0]


def bound(book: Runbook, order: RunOrder) -> dict[str, object]:
    return {name: value.items or value.text for name, value in bind_params(book.params, order.params).items()}


def test_what_nobody_touched_is_bound_as_the_file_has_it(dialog: StartDialog) -> None:
    assert dialog.params["hosts"].text() == "app1,app2"
    assert bound(sound(BOOK), agreed(dialog)) == {
        "hosts": ("app1", "app2"),
        "words": "  two\n  lines\t",
        "region": "eu",
        "count": "5",
    }


def test_what_was_written_goes_first_and_an_emptied_field_says_what_it_stands_for(dialog: StartDialog) -> None:
    dialog.params["hosts"].setText(" app3, app4 ")
    dialog.params["count"].setText(" 7 ")
    dialog.params["words"].setText(" as typed ")
    dialog.params["region"].clear()
    assert "empty: eu" in dialog.params["region"].placeholderText()
    found = bound(sound(BOOK), agreed(dialog))
    assert found == {"hosts": ("app3", "app4"), "words": " as typed ", "region": "eu", "count": "7"}


@pytest.mark.parametrize("path", sorted(runbooks_dir().glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_runbook_starts_from_the_window_as_from_the_terminal(light: Theme, path: Path) -> None:
    book = load(path, KINDS).runbook
    assert book is not None
    given = {name: "x" for name, param in book.params.items() if param.default is None and param.type == "text"}
    dialog = StartDialog(path, book, "ana")
    for name, text in given.items():
        dialog.params[name].setText(text)
    if dialog.button.isEnabled():
        assert bind_params(book.params, agreed(dialog).params) == bind_params(book.params, given)


def test_a_default_that_does_not_fit_is_shown_as_it_is(light: Theme) -> None:
    param = Param.model_validate({"type": "int", "default": "many"})
    book = sound(BOOK).model_copy(update={"params": {"n": param}})
    dialog = StartDialog(Path("book.yaml"), book, "ana")
    assert dialog.params["n"].text() == "many"
    assert not dialog.button.isEnabled()
