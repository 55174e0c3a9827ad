"""A runbook damaged anywhere gives problems or a plan, never a crash."""

import contextlib
import copy
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import Refused
from app.runbook.inputs import bind
from app.runbook.load import load_text
from app.runbook.order import lay_out
from app.runbook.read import read
from tests.runbook.sample import KINDS, LEDGER, SITE, T0

TREES = [read(text.encode(), "it.yaml").tree for text in (LEDGER, SITE)]
PIECES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 10**16)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(
        ["", "x", "5m", "T-2h", "== 0", "${params.x}", "${", "all", "old", "100%", "on", "week 1", "a.b", "["]
    )
    | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "run", "steps", "x", "is"]), inner, max_size=3)
    ),
    max_leaves=5,
)


def spots(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *(spot for key, child in children for spot in spots(child, (*path, key)))]


def damaged(tree: Any, path: tuple[Any, ...], piece: Any) -> Any:
    if not path:
        return piece
    tree = copy.deepcopy(tree)
    parent = tree
    for key in path[:-1]:
        parent = parent[key]
    parent[path[-1]] = piece
    return tree


@settings(max_examples=150)
@given(st.data())
def test_a_damaged_runbook_never_crashes_the_reader(data: st.DataObject) -> None:
    tree = data.draw(st.sampled_from(TREES))
    for _ in range(data.draw(st.integers(1, 3))):
        tree = damaged(tree, data.draw(st.sampled_from(spots(tree))), data.draw(PIECES))
    text = yaml.safe_dump(tree, allow_unicode=True).encode()
    found = load_text(text, "it.yaml", KINDS)
    assert all(problem.what.endswith((".", "?")) for problem in found.problems), [str(p) for p in found.problems]
    if found.runbook is not None and not found.errors:
        with contextlib.suppress(Refused):  # two items of one name and the like: refused in words
            lay_out(bind(found.runbook, None, {"change": "CR1234"}, T0), KINDS)
