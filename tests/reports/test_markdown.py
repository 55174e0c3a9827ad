"""Words of a runbook stay words: no structure, no link, no HTML comes out of data."""

from __future__ import annotations

import pytest

from app.reports.blocks import Code, Document, Items, Part, Section, Table, Text
from app.reports.html import as_html
from app.reports.markdown import as_markdown, inline

HOSTILE = [
    "# heading",
    "- item",
    "1. item",
    "2) item",
    "> quote",
    "| a | b |",
    "```\ncode",
    "~~~",
    "[x](javascript:alert(1))",
    "![x](http://evil/x.png)",
    "<script>alert(1)</script>",
    "<!-- -->",
    "&lt;b&gt;",
    "*bold* _it_ **b** __b__",
    "`code`",
    "    indented",
    "a\n===\n",
    "---",
    "line\\",
    "[ref]: http://evil",
    "~~gone~~",
    "$x$",
    "\x1b[31mred",
    "right\u202eleft",
]


def around(text: str) -> Document:
    table = Table(("a", "b"), ((text, "x"),))
    return Document(
        text,
        text,
        (Section("s", text, (Text(text), Items((text,)), table, Code(text, text), Part(text, (Text(text),)))),),
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_changes_no_line_of_markdown_but_its_own(text: str) -> None:
    """The skeleton of the document is the same as with a harmless word in every place."""
    harmless = around("word\nword" if "\n" in text.strip() else "word")
    assert skeleton(as_markdown(around(text))) == skeleton(as_markdown(harmless))


def skeleton(text: str) -> list[str]:
    """What each line is to a reader of Markdown."""
    kinds, inside = [], ""
    for line in text.splitlines():
        fence = line if line.startswith("```") and set(line) == {"`"} else ""
        if inside:
            kinds.append("end" if fence == inside else "code")
            inside = "" if fence == inside else inside
            continue
        inside = fence
        kinds.append(kind_of(line, fence))
    # a code block has as many lines as its text; only that there is one counts
    return [kind for i, kind in enumerate(kinds) if kind != "code" or kinds[i - 1] != "code"]


def kind_of(line: str, fence: str) -> str:
    if fence:
        return "fence"
    for mark in ("#### ", "### ", "## ", "# ", "- ", "| ", "> ", "```", "~~~", "===", "---", "    "):
        if line.startswith(mark):
            cells = line.replace("\\|", "").count("|")
            return f"{mark}{cells}"
    return "text" if line else ""


@pytest.mark.parametrize("text", HOSTILE)
def test_no_tag_entity_or_link_is_left_alive(text: str) -> None:
    said = inline(text)
    assert "<" not in said
    assert ">" not in said
    assert "](" not in said.replace("\\](", "")
    assert said.isprintable()


def test_ordinary_words_are_left_as_they_are() -> None:
    words = "Switch read_only off at T-2h (5% of 1,000 rows); see http://host/a?b=1#c"
    assert inline(words) == words


def test_a_fence_is_longer_than_any_inside() -> None:
    text = as_markdown(Document("t", "a", (Section("s", "s", (Code("````\nx\n````"),)),)))
    assert "`````\n````\nx\n````\n`````" in text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_adds_no_element_to_html(text: str) -> None:
    def tags(page: str) -> list[str]:
        return [piece.split(">")[0].split(" ")[0] for piece in page.split("<")[1:]]

    ours = [tag for tag in tags(as_html(around("word"))) if tag != "br"]
    assert [tag for tag in tags(as_html(around(text))) if tag != "br"] == ours


def test_html_loads_nothing_and_runs_nothing() -> None:
    page = as_html(around("word"))
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")
