"""Redaction: no spelling of a secret passes, however the stream is cut, and nothing else is touched."""

import base64
import html
import json
import re
import shlex
import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.redact import MASK, SHORTEST, Redactor
from app.errors import Refused

SECRET = "Tr0ub4'dor&3 x/y\"z+é"


def spellings(value: str) -> dict[str, bytes]:
    raw = value.encode()
    told = {
        "raw": value,
        "url": urllib.parse.quote(value, safe=""),
        "url with slashes": urllib.parse.quote(value),
        "form": urllib.parse.quote_plus(value),
        "url in small letters": re.sub("%..", lambda code: code[0].lower(), urllib.parse.quote(value, safe="")),
        "json": json.dumps(value)[1:-1],
        "json in utf-8": json.dumps(value, ensure_ascii=False)[1:-1],
        "php's json": json.dumps(value)[1:-1].replace("/", "\\/"),
        "shell": shlex.quote(value)[1:-1],
        "shell, the other way": value.replace("'", "'\\''"),
        "sql": value.replace("'", "''"),
        "mysql": value.replace("\\", "\\\\").replace("'", "\\'"),
        "html": html.escape(value),
        "html without quotes": html.escape(value, quote=False),
        "html with decimal codes": html.escape(value).replace("&#x27;", "&#39;"),
        "hex": raw.hex(),
        "HEX": raw.hex().upper(),
    }
    wide = {"utf-16-le": value.encode("utf-16-le"), "utf-16-be": value.encode("utf-16-be")}
    return {name: text.encode() for name, text in told.items()} | wide


@pytest.mark.parametrize("how", list(spellings(SECRET)))
def test_every_spelling_is_masked(how: str) -> None:
    assert Redactor([SECRET]).mask(b"<" + spellings(SECRET)[how] + b">") == b"<" + MASK + b">"


@pytest.mark.parametrize("before", [b"", b"a", b"ab", b"abc", b"abcd"])
@pytest.mark.parametrize("after", [b"", b"a", b"ab"])
def test_base64_is_masked_at_every_alignment_and_in_both_alphabets(before: bytes, after: bytes) -> None:
    masks = Redactor([SECRET]).mask
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        masked = masks(encode(before + SECRET.encode() + after))
        assert MASK in masked
        assert len(masked.replace(MASK, b"")) <= len(encode(before)) + len(encode(after)) + 4


def test_wrapped_base64_and_line_ends_inside_are_seen_through() -> None:
    value = "long-" + "k3y" * 60
    wrapped = base64.encodebytes(b"user:" + value.encode())
    masked = Redactor([value]).mask(wrapped)
    assert MASK in masked
    assert len(masked) < 20


def test_colours_titles_and_line_ends_inside_a_secret_do_not_hide_it() -> None:
    masks = Redactor(["hunter2hunter2"]).mask
    assert masks(b"[hun\x1b[31mter2\x1b[0m\r\nhunter2]") == b"[***]"
    assert masks(b"[hun\x1b]0;title\x07ter2hunter2]") == b"[***]"
    assert masks(b"\x1b]0;hunter2hunter2\x07") == b"\x1b]0;***\x07"
    assert masks(b"\x1b[31mhunter2hunter2\x1b[0m") == b"\x1b[31m***\x1b[0m"


def test_a_secret_of_several_lines_is_masked_with_any_line_ends() -> None:
    key = "-----BEGIN KEY-----\nabcdefgh\nijklmnop\n-----END KEY-----"
    masks = Redactor([key]).mask
    assert masks(b"<" + key.encode() + b">") == b"<***>"
    assert masks(b"<" + key.replace("\n", "\r\n").encode() + b">") == b"<***>"


def test_nothing_else_is_touched() -> None:
    data = bytes(range(256)) * 40 + b"\x1b[31mred\x1b[0m\r\n\x1b]0;open"
    assert Redactor([SECRET]).mask(data) == data
    assert Redactor().mask(data) == data


def test_overlapping_secrets_are_masked_to_the_end_of_the_longer_one() -> None:
    masks = Redactor(["password1", "password1-and-more", "1-and-more-still"]).mask
    assert masks(b"(password1)(password1-and-more)(password1-and-more-still)") == b"(***)(***)(***)"


@pytest.mark.parametrize("value", ["", "short12", "       7       "])
def test_a_short_secret_is_refused(value: str) -> None:
    with pytest.raises(Refused, match=str(SHORTEST)):
        Redactor([value])


def test_text_is_masked_as_text() -> None:
    redactor = Redactor([SECRET])
    assert redactor.text(f"é {SECRET} \udc80") == "é *** ���"
    assert redactor.text("é \udc80") == "é \udc80"
    assert Redactor().text("é \udc80") == "é \udc80"


@given(data=st.data())
def test_a_stream_shows_no_secret_however_it_is_cut(data: st.DataObject) -> None:
    words = st.sampled_from([*spellings(SECRET).values(), b"plain", b"\n", b"\x1b[31m", b"Tr0", b"Tr0ub4'dor", b"T"])
    whole = b"".join(data.draw(st.lists(words, max_size=6)))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    redactor = Redactor([SECRET])
    stream = redactor.stream()
    shown = [stream.feed(whole[a:b]) for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    out = b"".join([*shown, stream.flush()])
    assert all(one not in out for one in spellings(SECRET).values())
    assert stream.held == 0
    if b"Tr0ub4'dor" not in redactor.mask(whole):
        assert out == redactor.mask(whole)


def test_byte_by_byte_gives_the_same_as_at_once() -> None:
    whole = b"a hunter2hunter2 b hun\x1b[1mter2hunter2 c hunter2 hunter2\r\n d"
    redactor = Redactor(["hunter2hunter2"])
    stream = redactor.stream()
    out = b"".join([stream.feed(bytes([byte])) for byte in whole]) + stream.flush()
    assert out == redactor.mask(whole) == b"a *** b *** c hunter2 hunter2\r\n d"


def test_only_a_possible_beginning_is_held_back_and_counted() -> None:
    stream = Redactor(["hunter2hunter2"]).stream()
    assert stream.feed(b"the password is hunt") == b"the password is "
    assert stream.held == 4
    assert stream.feed(b"ing season") == b"hunting season"
    assert stream.held == 0


def test_a_cut_off_secret_at_the_end_is_masked_and_a_few_letters_are_not() -> None:
    for rest, shown in ((b"hunter2hun", MASK), (b"hunt", b"hunt")):
        stream = Redactor(["hunter2hunter2"]).stream()
        assert stream.feed(b"x " + rest) == b"x "
        assert stream.flush() == shown


def test_an_endless_stream_of_beginnings_does_not_fill_the_memory() -> None:
    for flood in (b"\n", b"a", b"\x1b]0;", b"aab"):
        stream = Redactor(["aaaaaaaa"]).stream()
        for _ in range(40):
            out = stream.feed(b"a" + flood * 1000)
            assert b"a" * 8 not in out
            assert stream.held < 40_000


def test_a_secret_learnt_late_is_masked_in_open_streams() -> None:
    redactor = Redactor()
    stream = redactor.stream()
    assert stream.feed(b"hunter2hunter2 ") == b"hunter2hunter2 "
    redactor.learn("hunter2hunter2")
    assert stream.feed(b"hunter2hunter2 ") == b"*** "
