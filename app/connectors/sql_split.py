"""SQL text into statements and tokens: where one statement ends, and where `:name` and `{name}` stand for something.

This is a tokenizer, not a parser. It knows every form of quoting in which a semicolon, a colon or a brace means
nothing: '..' and ".." (with backslashes in MySQL and in E'..'), `..`, [..] (SQLite), $tag$..$tag$, comments (nested in
PostgreSQL) and the BEGIN .. END bodies of triggers, procedures and functions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from app.errors import Refused

Flavor = Literal["postgresql", "mysql", "sqlite"]


class TokenKind(StrEnum):
    """What a piece of SQL is; only BIND and IDENT are ever replaced."""

    SPACE = "space"
    COMMENT = "comment"
    HINT = "hint"
    QUOTED = "quoted"
    WORD = "word"
    SIGN = "sign"
    BIND = "bind"
    IDENT = "ident"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """One piece. `text` is verbatim, but for BIND and IDENT it is the bare name. `at` is its offset in the text."""

    kind: TokenKind
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement without its semicolon; never only spaces and comments."""

    tokens: tuple[Token, ...]

    def words(self) -> tuple[str, ...]:
        """Its bare words in upper case (no quoted names, no text, no comments), in order."""
        return tuple(token.text.upper() for token in self.tokens if token.kind is TokenKind.WORD)

    def first(self) -> str:
        """The first word in upper case, or "" when it starts with a sign, a quote or a MySQL `/*! */` hint."""
        for token in self.tokens:
            if token.kind is TokenKind.WORD:
                return token.text.upper()
            if token.kind not in (TokenKind.SPACE, TokenKind.COMMENT) and token.text != "(":
                return ""
        return ""

    def shown(self, length: int = 72) -> str:
        """One line for people: as written, `:name` and `{name}` kept, comments left out, spaces folded, cut."""
        text = " ".join("".join(_as_written(token) for token in self.tokens).split())
        return text if len(text) <= length else text[: length - 1] + "…"

    def binds(self) -> frozenset[str]:
        """The names of its `:name` parameters."""
        return frozenset(token.text for token in self.tokens if token.kind is TokenKind.BIND)


def split(text: str, flavor: Flavor) -> tuple[Statement, ...]:
    """The statements of `text`, in order. Raises Refused for an unclosed quote or comment and for DELIMITER."""
    statements: list[Statement] = []
    current: list[Token] = []
    body = _Body()
    for token in tokens(text, flavor):
        body.see(token)
        if token.kind is TokenKind.END and not body.open:
            _finish(statements, current)
            current, body = [], _Body()
            continue
        current.append(token)
    _finish(statements, current)
    if flavor == "mysql":
        _refuse_delimiter(statements)
    return tuple(statements)


def tokens(text: str, flavor: Flavor) -> tuple[Token, ...]:
    """Every piece of `text`; joined they are the text again. Raises Refused for an unclosed quote or comment."""
    found: list[Token] = []
    at = 0
    while at < len(text):
        token, at = _next(text, at, flavor)
        found.append(token)
    return tuple(found)


@dataclass(slots=True)
class _Body:
    """Follows BEGIN .. END inside CREATE TRIGGER, PROCEDURE, FUNCTION and EVENT, where `;` does not end a statement."""

    creates: bool = False
    routine: bool = False
    open: int = 0
    ended: bool = False
    any: bool = False

    def see(self, token: Token) -> None:
        if token.kind in (TokenKind.SPACE, TokenKind.COMMENT):
            return
        word = token.text.upper() if token.kind is TokenKind.WORD else ""
        if not self.any:
            self.any, self.creates = True, word == "CREATE"
        elif self.creates and word in _CREATED:
            # the first of these words says what is made: `create table event (begin ...)` has no body
            self.creates, self.routine = False, word in _ROUTINES
        elif self.routine:
            self._count(word)

    def _count(self, word: str) -> None:
        opens = word == "BEGIN" or (word == "CASE" and self.open > 0 and not self.ended)
        # END IF, END LOOP ...: their IF was never counted, so that END closed nothing. END CASE did.
        takes_back = self.ended and word in _ENDS_A_PART
        self.ended = word == "END" and self.open > 0
        self.open += int(opens or takes_back) - int(self.ended)


_ROUTINES = frozenset({"TRIGGER", "PROCEDURE", "FUNCTION", "EVENT"})
_CREATED = _ROUTINES | {"TABLE", "VIEW", "INDEX", "DATABASE", "SCHEMA", "USER", "ROLE", "SEQUENCE", "TYPE", "RULE"}
_ENDS_A_PART = frozenset({"IF", "LOOP", "WHILE", "REPEAT", "FOR"})

_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"[^\W\d][\w$]*")
_NUMBER = re.compile(r"\d[\w.]*")
_BIND = re.compile(r":([A-Za-z_]\w*)")
_IDENT = re.compile(r"\{([a-z][a-z0-9_-]*)\}")
_DOLLAR = re.compile(r"\$(?:[^\W\d]\w*)?\$")
_ESCAPING = re.compile(r"[eE]'")
_LINE = re.compile(r"[^\n]*")
_TURNS = re.compile(r"/\*|\*/")


def _next(text: str, at: int, flavor: Flavor) -> tuple[Token, int]:
    for take in (_plain, _comment, _quoted, _special):
        token = take(text, at, flavor)
        if token is not None:
            return token
    return Token(TokenKind.SIGN, text[at], at), at + 1


_Taken = tuple[Token, int] | None


def _plain(text: str, at: int, flavor: Flavor) -> _Taken:
    if flavor == "postgresql" and _ESCAPING.match(text, at):
        return None
    for pattern, kind in ((_SPACE, TokenKind.SPACE), (_WORD, TokenKind.WORD), (_NUMBER, TokenKind.SIGN)):
        if hit := pattern.match(text, at):
            return Token(kind, hit.group(), at), hit.end()
    return None


def _comment(text: str, at: int, flavor: Flavor) -> _Taken:
    if _starts_line_comment(text, at, flavor):
        end = _end_of(_LINE, text, at)
        return Token(TokenKind.COMMENT, text[at:end], at), end
    if not text.startswith("/*", at):
        return None
    kind = TokenKind.COMMENT
    if flavor == "mysql" and text.startswith(("/*!", "/*M!"), at):
        kind = TokenKind.HINT  # MySQL runs what stands in it
    end = _nested_end(text, at) if flavor == "postgresql" else text.find("*/", at + 2) + 2
    if end < at + 4:
        raise _unclosed("comment", text, at)
    return Token(kind, text[at:end], at), end


def _starts_line_comment(text: str, at: int, flavor: Flavor) -> bool:
    if flavor == "mysql":
        return text[at] == "#" or (text.startswith("--", at) and (at + 2 == len(text) or text[at + 2].isspace()))
    return text.startswith("--", at)


def _nested_end(text: str, at: int) -> int:
    depth = 0
    for turn in _TURNS.finditer(text, at):
        depth += 1 if turn.group() == "/*" else -1
        if depth == 0:
            return turn.end()
    return -1


def _quoted(text: str, at: int, flavor: Flavor) -> _Taken:
    sign = text[at]
    if flavor == "postgresql" and (tag := _DOLLAR.match(text, at)):
        close = text.find(tag.group(), tag.end())
        if close < 0:
            raise _unclosed("dollar quote", text, at)
        end = close + len(tag.group())
        return Token(TokenKind.QUOTED, text[at:end], at), end
    if flavor == "postgresql" and _ESCAPING.match(text, at):
        end = _close(text, at + 1, "'", escapes=True)
    elif sign in "'\"" or (sign == "`" and flavor != "postgresql"):
        end = _close(text, at, sign, escapes=flavor == "mysql" and sign != "`")
    elif sign == "[" and flavor == "sqlite":
        end = _close(text, at, "]", escapes=False)
    else:
        return None
    return Token(TokenKind.QUOTED, text[at:end], at), end


def _close(text: str, at: int, sign: str, *, escapes: bool) -> int:
    where = at + 1
    while where < len(text):
        if escapes and text[where] == "\\":
            where += 2
        elif text[where] != sign:
            where += 1
        elif text.startswith(sign * 2, where) and sign != "]":
            where += 2
        else:
            return where + 1
    raise _unclosed("quote", text, at)


def _special(text: str, at: int, _flavor: Flavor) -> _Taken:
    if text[at] == ";":
        return Token(TokenKind.END, ";", at), at + 1
    if text.startswith("::", at):
        return Token(TokenKind.SIGN, "::", at), at + 2
    if (hit := _BIND.match(text, at)) and not (at and (text[at - 1].isalnum() or text[at - 1] in "_:])")):
        return Token(TokenKind.BIND, hit.group(1), at), hit.end()
    if hit := _IDENT.match(text, at):
        return Token(TokenKind.IDENT, hit.group(1), at), hit.end()
    return None


def _end_of(pattern: re.Pattern[str], text: str, at: int) -> int:
    hit = pattern.match(text, at)
    return hit.end() if hit else at


def _finish(statements: list[Statement], current: list[Token]) -> None:
    if any(token.kind not in (TokenKind.SPACE, TokenKind.COMMENT) for token in current):
        statements.append(Statement(tuple(current)))


def _as_written(token: Token) -> str:
    match token.kind:
        case TokenKind.COMMENT:
            return " "
        case TokenKind.BIND:
            return f":{token.text}"
        case TokenKind.IDENT:
            return f"{{{token.text}}}"
        case _:
            return token.text


def _refuse_delimiter(statements: list[Statement]) -> None:
    if any(statement.first() == "DELIMITER" for statement in statements):
        raise Refused(
            "DELIMITER is a command of the mysql client, not SQL.",
            hint="Leave it out: the BEGIN .. END body of a procedure, function, trigger or event is kept whole.",
        )


def _unclosed(what: str, text: str, at: int) -> Refused:
    line = text.count("\n", 0, at) + 1
    return Refused(f"The SQL has a {what} that is opened in its line {line} and never closed.", hint="Close it.")
