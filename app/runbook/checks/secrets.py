"""Rule 21: secrets stand only where they are kept secret, and values never become part of a script or of SQL."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl

from app.errors import Problem
from app.runbook.checks.saved import elsewhere
from app.runbook.checks.survey import Survey
from app.runbook.part import Raw
from app.runbook.read import Path
from app.runbook.references import references

_NAMED = re.compile(r"(?:^|[_-])(password|passwd|pwd|secret|token|apikey|api[_-]key|authorization)$", re.IGNORECASE)
_ARGUMENT = re.compile(r"--?(password|passwd|secret|token|api[_-]?key)=(?!\$)\S+", re.IGNORECASE)
_KNOWN = re.compile(
    r"\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{30,}|\bxox[abps]-[A-Za-z0-9-]{10,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----|(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\."
)
_SQL = re.compile(r"\b(identified\s+by|password)\s+'[^']+'", re.IGNORECASE)
# A scheme begins where no letter stands before it and is short, so that one long word is looked at once, not from
# each of its letters.
_URL = re.compile(r"(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,30}://[^/@\s:]*:(?!(?:\$\{[^}\s]*\})+@)[^/@\s]+@", re.IGNORECASE)
# As SQLAlchemy reads it: a password goes on to the first @, whatever else stands in it.
_LOGIN = re.compile(r"\s*[\w+.-]+://[^:/]*:(?P<password>[^@]*)@")
_PASSWORDS = frozenset({"password", "passwd", "sslpassword"})
_REFERENCE = re.compile(r"\$\{[^}]*\}")
_ROOTS = ("params", "steps", "hosts", "databases", "secrets", "modes")
_HOLDS = "A secret may stand in password, env, stdin, bind and headers only."


def check_secrets(survey: Survey) -> Iterator[Problem]:
    """References to secrets, and values inside verbatim text."""
    uses = [((*spot.path, *use.path), use) for spot, use in survey.uses]
    uses += [((*path, *use.path), use) for path, part in elsewhere(survey) for use in references(part)]
    for path, use in uses:
        for reference in use.references:
            if use.verbatim and reference.root in _ROOTS and len(reference.parts) > 1:
                what = f"{reference} stands in a script or in SQL text, where it is never filled in."
                hint = "Hand it over through env or bind; names go through idents."
                yield survey.error("RB021", what, path, hint)
            elif reference.root == "secrets" and not use.sealed:
                yield survey.error("RB021", f"{reference} would be shown here.", path, _HOLDS)


def check_literals(survey: Survey) -> Iterator[Problem]:
    """Text that looks like a secret, anywhere in the file."""
    stack: list[tuple[Path, Raw]] = [((), survey.document.tree)]
    while stack:
        path, node = stack.pop()
        if isinstance(node, dict):
            stack.extend(((*path, key), value) for key, value in node.items())
        elif isinstance(node, list):
            stack.extend(((*path, index), value) for index, value in enumerate(node))
        elif isinstance(node, str) and (what := _looks_secret(path, node)):
            yield survey.error("RB021", what, path, "Declare it under secrets, and write ${secrets.NAME}.")


def _looks_secret(path: Path, text: str) -> str:
    if _URL.search(text) or (_of_database(path) and _holds_password(text)):
        return "This address holds a password."
    if _KNOWN.search(text) or _ARGUMENT.search(text) or _SQL.search(text):
        return "This looks like a secret."
    inside = path[-2] if len(path) > 1 else ""
    named = inside in ("env", "headers", "bind") and _NAMED.search(str(path[-1]))
    return f"The value of `{path[-1]}` looks like a secret." if named and text and "${" not in text else ""


def _of_database(path: Path) -> bool:
    """Whether a database's URL stands there: in the file, or under an environment's `set`."""
    below = path[3:] if path[:1] == ("environments",) else path
    names = ".".join(str(each) for each in below).split(".")
    return names[0] == "databases" and names[-1] == "url"


def _holds_password(url: str) -> bool:
    """Whether a login or a query key of the URL is a password as it stands; a reference is none."""
    login = _LOGIN.match(url)
    values = [login["password"]] if login else []
    query = parse_qsl(url.partition("?")[2].partition("#")[0])
    values += [value for key, value in query if key.strip().lower() in _PASSWORDS]
    return any(_REFERENCE.sub("", value) for value in values)
