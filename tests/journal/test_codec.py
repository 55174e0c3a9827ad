"""Events and requests come back as they were written, in one form only; anything else is refused in plain words."""

import json
from dataclasses import fields
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import RecordDamaged, Refused
from app.journal.codec import event_codec, request_codec
from app.run.events import EVENTS, NoteAdded, RunFinished
from app.run.requests import REQUESTS, Answer, RollBack
from app.run.step_events import StepInDoubt, StepStarted, StepSucceeded

TEXTS = st.text(st.characters(exclude_categories=()), max_size=12)
NUMBERS = st.integers(-(2**63), 2**63 - 1)


def anything(cls: type) -> st.SearchStrategy[Any]:
    hints = get_type_hints(cls)
    return st.builds(cls, **{field.name: value(hints[field.name]) for field in fields(cls)})


def value(hint: Any) -> st.SearchStrategy[Any]:
    if hint is str:
        return TEXTS
    if hint is int:
        return NUMBERS
    args = hint.__args__
    if args[-1] is Ellipsis:
        return st.lists(value(args[0]), max_size=3).map(tuple)
    return st.tuples(*map(value, args))


@given(st.one_of([anything(cls) for cls in EVENTS]))
def test_every_event_comes_back_as_it_was(event: Any) -> None:
    codec = event_codec()
    text = codec.encode(event)
    assert codec.decode(text) == event
    assert text.isascii()
    assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))
    assert json.loads(text)["e"] == type(event).__name__


@given(st.one_of([anything(cls) for cls in REQUESTS]))
def test_every_request_comes_back_as_it_was(request: Any) -> None:
    codec = request_codec()
    assert codec.decode(codec.encode(request).encode()) == request


def test_an_event_without_fields_is_only_its_name() -> None:
    assert event_codec().encode(RunFinished()) == '{"e":"RunFinished"}'
    assert event_codec().decode('{"e":"RunFinished"}') == RunFinished()


@pytest.mark.parametrize("wrong", [True, 1.5, None, 2**63, b"x", ["a"], ("a", 1.5)])
def test_what_has_no_single_form_is_never_written(wrong: Any) -> None:
    with pytest.raises(TypeError):
        event_codec().encode(NoteAdded("ann", wrong))


def test_fields_that_an_older_version_did_not_write_take_their_defaults() -> None:
    codec = event_codec()
    old = '{"address":"a","attempt":1,"e":"StepSucceeded","summary":"s"}'
    assert codec.decode(old) == codec.decode(old) == StepSucceeded("a", 1, "s")
    assert request_codec().decode('{"by":"ann","e":"RollBack"}') == RollBack("ann")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('{"e":"StepTeleported"}', "StepTeleported"),
        ('{"by":"a","e":"NoteAdded","mood":"x","text":"t"}', "NoteAdded.mood"),
    ],
)
def test_what_a_newer_version_wrote_is_refused_by_name(text: str, names: str) -> None:
    with pytest.raises(Refused, match=f'"{names}".*newer version'):
        event_codec().decode(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[]",
        "7",
        "{}",
        '{"e":7}',
        '{"e":["NoteAdded"]}',
        '{"by":"a","e":"NoteAdded"}',
        '{"by":1,"e":"NoteAdded","text":"t"}',
        '{"by":"a","e":"NoteAdded","text":null}',
        '{"address":"a","attempt":true,"e":"DoubtAsked","by":"b"}',
        '{"address":"a","attempt":1.0,"e":"DoubtAsked","by":"b"}',
        '{"address":"a","attempt":1,"e":"StepInDoubt","evidence":[["q",1.5]],"summary":"s"}',
        '{"address":"a","attempt":1,"e":"StepInDoubt","evidence":{"q":"a"},"summary":"s"}',
    ],
)
def test_what_no_version_writes_is_damage(text: str) -> None:
    with pytest.raises(RecordDamaged):
        event_codec().decode(text)


def test_lists_come_back_as_tuples_all_the_way_down() -> None:
    event = StepInDoubt("a", 1, "s", (("q", "a", "p"), ("q", "a", "p")))
    assert event_codec().decode(event_codec().encode(event)) == event


def test_an_event_is_no_request() -> None:
    text = event_codec().encode(StepStarted("a", 1, "t", "sql", "x", "d"))
    with pytest.raises(Refused):
        request_codec().decode(text)
    with pytest.raises(Refused):
        event_codec().decode(request_codec().encode(Answer("ann", "a", "go")))
