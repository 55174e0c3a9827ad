"""Strict reading: what is refused, where, and in which words; places; and that no bytes break it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.runbook.read import MAX_BYTES, Document, read


def problems(text: str | bytes) -> list[tuple[str, int, int]]:
    document = read(text.encode() if isinstance(text, str) else text, "it.yaml")
    return [(p.code, p.place.line, p.place.column) for p in document.problems]


def tree(text: str) -> object:
    document = read(text.encode(), "it.yaml")
    assert document.problems == ()
    return document.tree


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: on", [("RB001", 1, 4)]),
        ("a: Off", [("RB001", 1, 4)]),
        ("yes: 1", [("RB001", 1, 1)]),
        ("a: 22:00", [("RB001", 1, 4)]),
        ("a: {b: 1, b: 2}", [("RB001", 1, 11)]),
        ("a: 1\n2: b", [("RB001", 2, 1)]),
        ("a: 1\n[x]: b", [("RB001", 2, 1)]),
        ("null: b", [("RB001", 1, 1)]),
        ("a: .inf", [("RB001", 1, 4)]),
        ("a: 12345678901234567890", [("RB001", 1, 4)]),
        ("a: &x 1\nb: *x", [("RB103", 1, 4), ("RB103", 2, 4)]),
        ("a: !!int '3'", [("RB103", 1, 4)]),
        ("a: !python/object:os.system x", [("RB103", 1, 4)]),
        ("a:\n  <<: {b: 1}", [("RB103", 2, 3)]),
        ("a: 1\n---\nb: 2", [("RB103", 2, 1)]),
        ("%YAML 1.1\n---\na: 1", [("RB103", 1, 1)]),
        ("a: [1", [("RB100", 2, 1)]),
        ("a:\n\tb: 1", [("RB100", 2, 1)]),
        ("", [("RB100", 0, 0)]),
        ("a: \u202ex", [("RB101", 1, 4)]),
        ("a: x\nb: \x1b[31m", [("RB101", 2, 4)]),
        ('a: "\\u202e"', [("RB101", 1, 4)]),
        ("a: \x00", [("RB101", 1, 4)]),
        (b"a: 1\nb: \xff", [("RB101", 2, 4)]),
        (b"\xff\xfea\x00:\x00", [("RB101", 1, 1)]),
        ("a: " + "[" * 100 + "]" * 100, [("RB102", 1, 67)]),
        ("a: [" + "1," * 100_001 + "]", [("RB102", 1, 199_999)]),
        ("#" * (MAX_BYTES + 1), [("RB102", 0, 0)]),
    ],
)
def test_what_is_refused_is_refused_at_its_place(text: str | bytes, expected: list[tuple[str, int, int]]) -> None:
    assert problems(text) == expected


def test_all_problems_are_told_at_once() -> None:
    assert len(problems("a: on\nb: off\nc: 22:00\nd: &x 1\ne: 1\ne: 2\n")) == 5


def test_every_problem_says_what_to_write_instead() -> None:
    document = read(b"a: on\nb: 22:00\nc: *x\n1: 2\nd: !!str 3", "it.yaml")
    assert all(problem.hint for problem in document.problems)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 012", {"a": 12}),
        ("a: 0o14", {"a": 12}),
        ("a: 0x1F", {"a": 31}),
        ("a: 1.5", {"a": 1.5}),
        ("a: true", {"a": True}),
        ("a: ~", {"a": None}),
        ("a:", {"a": None}),
        ("a: '22:00'", {"a": "22:00"}),
        ("a: 'no'", {"a": "no"}),
        ("a: 2026-03-14", {"a": "2026-03-14"}),
        ("a: T-2h", {"a": "T-2h"}),
        ("a: == 0", {"a": "== 0"}),
        ("a: 1_000", {"a": "1_000"}),
        ("a: |\n  x\n  y\n", {"a": "x\ny\n"}),
        ("\ufeffa: 1", {"a": 1}),
    ],
)
def test_plain_values_follow_the_core_schema(text: str, value: object) -> None:
    assert tree(text) == value


def test_places_are_those_of_values_and_of_keys() -> None:
    document = read(b"a:\n  - b: 1\n    cc: [2, 3]\n", "it.yaml")
    assert str(document.place(("a", 0, "cc", 1))) == "it.yaml:3:13"
    assert str(document.place(("a", 0), key="cc")) == "it.yaml:3:5"
    assert str(document.place(("a", 0, "nowhere"))) == "it.yaml:2:5"
    assert str(document.place(())) == "it.yaml:1:1"


@settings(max_examples=300)
@given(st.binary(max_size=200) | st.text(alphabet="ab:-[]{}&*!|>'\"#%@,?\n\t 012<~\u202e", max_size=80).map(str.encode))
def test_any_bytes_give_a_tree_or_problems(text: bytes) -> None:
    document = read(text, "it.yaml")
    assert isinstance(document, Document)
    assert document.tree is not None or document.problems or text.strip()
    for problem in document.problems:
        assert problem.what.endswith(".")
