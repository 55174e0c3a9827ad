"""No file says where packages come from, or where this was written: both are the business of whoever installs."""

import re

import pytest

from tests.house.tree import project_files, text_of

# Written in pieces, so that this file does not contain what it looks for.
_INDEX = ["pypi" + r"\.", "python" + "hosted", "artifact" + "ory", r"/simple" + r"(?:/|\b$)", "devpi" + r"[./]"]
_OPTIONS = ["index" + "[-_]url", "find" + "[-_]links", "trusted" + "[-_]host", "default" + "[-_]index"]
_PLACES = [r"file:" + "///", r"(?:^|[\s\"'=:(])/" + r"(?:work|root|opt/wheels)/"]
FORBIDDEN = re.compile("|".join([*_INDEX, *_OPTIONS, *_PLACES]), re.IGNORECASE | re.MULTILINE)


def test_no_file_holds_the_address_of_a_package_index() -> None:
    found = [
        f"{file}:{text.count(chr(10), 0, match.start()) + 1}: {match.group()}"
        for file in project_files()
        for text in [text_of(file)]
        for match in FORBIDDEN.finditer(text)
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "https://" + "pypi" + ".org/simple",
        "--index" + "-url=https://example.com",
        "PIP_FIND" + "_LINKS=x",
        "cd /" + "work/main",
    ],
)
def test_such_an_address_is_noticed(line: str) -> None:
    assert FORBIDDEN.search(line)
