"""Statements end where they end, and `:name` and `{name}` mean something only outside of quotes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.connectors.sql_split import Flavor, split, tokens
from app.errors import Refused

FLAVORS: tuple[Flavor, ...] = ("postgresql", "mysql", "sqlite")


def shown(text: str, flavor: Flavor) -> list[str]:
    return [statement.shown(500) for statement in split(text, flavor)]


@pytest.mark.parametrize("flavor", FLAVORS)
@pytest.mark.parametrize(
    "text",
    [
        "select 'a;b'",
        "select 'it''s; :x {y}'",
        'select "a;b"',
        "select 1 /* ; :x */ + 1",
        "select 1 -- ; :x\n + 1",
        "select (1); ;; -- nothing\n/* more */",
    ],
)
def test_a_semicolon_in_quotes_or_comments_ends_nothing(text: str, flavor: Flavor) -> None:
    (statement,) = split(text, flavor)
    assert statement.binds() == frozenset()


@pytest.mark.parametrize(
    ("text", "flavor", "count"),
    [
        (r"select E'a\'; b'; select 2", "postgresql", 2),
        (r"select 'a\'; select 2", "postgresql", 2),
        (r"select 'a\'; b'; select 2", "mysql", 2),
        ("select $$ ; ' $$; select $tag$ ; $$ ; $tag$", "postgresql", 2),
        ("select /* a /* ; */ ; */ 1; select 2", "postgresql", 2),
        ("select `a;b`; select 1 # ; x\n; select 3", "mysql", 3),
        ("select 1--1; select 2", "mysql", 2),
        ("select [a;b], `c;d`; select 2", "sqlite", 2),
        ("create trigger t after insert on a begin update b set n = 1; delete from c; end; select 1", "sqlite", 2),
        (
            "create trigger t after insert on a begin select case when 1 then 2 else 3 end; select 2; end; select 1",
            "sqlite",
            2,
        ),
        (
            "create procedure p() begin if 1 then begin do 1; end; end if; case 1 when 1 then do 2; end case; end; x",
            "mysql",
            2,
        ),
        ("create table event (begin int, end int); select 1", "mysql", 2),
        ("create function f() returns int begin atomic select 1; select 2; end; select 1", "postgresql", 2),
        ("create trigger t before insert on a for each row execute function f(); select 1", "postgresql", 2),
    ],
)
def test_statements_are_counted_right(text: str, flavor: Flavor, count: int) -> None:
    assert len(split(text, flavor)) == count


def test_a_cast_a_slice_and_an_assignment_are_no_parameters() -> None:
    (statement,) = split("select :a::int, b::text, c[1:n], x := 2, ':no', t.:b", "postgresql")
    assert statement.binds() == {"a", "b"}


@pytest.mark.parametrize(
    ("text", "flavor"),
    [("select 'a", "sqlite"), ("select $a$ x", "postgresql"), ("/* /* */", "postgresql"), ("`", "mysql")],
)
def test_what_is_never_closed_is_refused_with_its_line(text: str, flavor: Flavor) -> None:
    with pytest.raises(Refused, match="line 3"):
        split(f"\n\n{text}", flavor)


def test_delimiter_is_refused_with_what_to_do_instead() -> None:
    with pytest.raises(Refused, match="DELIMITER"):
        split("DELIMITER //\ncreate procedure p() begin end //", "mysql")


def test_what_is_shown_is_one_short_line_without_comments() -> None:
    assert shown("  insert /* a */ into\n\n t values (:x, {y})", "sqlite") == ["insert into t values (:x, {y})"]
    assert len(split("select " + "x" * 500, "sqlite")[0].shown()) == 72


@given(text=st.text("'\"`$;:{}[]/*-# \nEe\\ab1_", max_size=40), flavor=st.sampled_from(FLAVORS))
def test_no_piece_of_the_text_is_ever_lost(text: str, flavor: Flavor) -> None:
    try:
        pieces = tokens(text, flavor)
    except Refused:
        return
    back = {"bind": ":{}", "ident": "{{{}}}"}
    assert "".join(back.get(piece.kind, "{}").format(piece.text) for piece in pieces) == text
