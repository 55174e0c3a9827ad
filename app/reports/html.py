"""A document as one HTML file that loads nothing from anywhere. Data cannot become structure."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from app.reports.blocks import Block, Code, Document, Items, Part, Section, Table, Text
from app.reports.printable import printable

_DEEPEST = 6
_STYLE = """
:root { color-scheme: light dark; --text: #14181f; --muted: #525b6b; --line: #dde1e7; --sunk: #f0f2f5; --bg: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e8ebf0; --muted: #a3acba; --line: #2a303a; --sunk: #12151b; --bg: #181c23; }
}
body { font: 15px/1.5 Inter, system-ui, sans-serif; color: var(--text); background: var(--bg);
       max-width: 60rem; margin: 2rem auto; padding: 0 1.5rem; }
h1 { margin-bottom: 0 } h2 { border-bottom: 1px solid var(--line); margin-top: 2.5rem }
.about { color: var(--muted); margin-top: .25rem }
nav ul { columns: 2; padding-left: 1.2rem }
table { border-collapse: collapse; width: 100%; font-size: 14px }
th, td { border: 1px solid var(--line); padding: .35rem .6rem; text-align: left; vertical-align: top }
th { background: var(--sunk) }
pre { background: var(--sunk); border: 1px solid var(--line); border-radius: 6px; padding: .7rem; overflow-x: auto;
      font: 13px/1.45 "JetBrains Mono", monospace; white-space: pre-wrap }
.label { color: var(--muted); margin-bottom: 0 } .label + pre { margin-top: .25rem }
ul.boxes { list-style: none; padding-left: .2rem } ul.boxes li::before { content: "\\2610\\00a0" }
@media print { nav { display: none } h2, h3, h4 { break-after: avoid } pre, tr { break-inside: avoid } }
"""


def as_html(document: Document) -> str:
    """The whole file."""
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    head = [
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{_safe(document.title)}</title>",
        f"<style>{_STYLE}</style>",
        "</head>",
        "<body>",
        f"<h1>{_safe(document.title)}</h1>",
        f'<p class="about">{_safe(document.about)}</p>',
        "<nav><ul>",
        *(f'<li><a href="#{_safe(s.id)}">{_safe(s.title)}</a></li>' for s in document.sections),
        "</ul></nav>",
    ]
    body = [line for section in document.sections for line in _section(section)]
    return "\n".join([*head, *body, "</body>", "</html>"]) + "\n"


def _safe(text: str) -> str:
    return escape(printable(" ".join(text.split())))


def _section(section: Section) -> Iterator[str]:
    yield f'<section id="{_safe(section.id)}">'
    yield f"<h2>{_safe(section.title)}</h2>"
    for block in section.blocks:
        yield from _block(block, 3)
    yield "</section>"


def _block(block: Block, depth: int) -> Iterator[str]:
    match block:
        case Text():
            yield "<p>" + "<br>".join(_safe(line) for line in block.text.strip().splitlines()) + "</p>"
        case Code():
            if block.label:
                yield f'<p class="label">{_safe(block.label)}</p>'
            yield f"<pre>{escape(printable(block.text, keep_lines=True))}</pre>"
        case Items():
            yield '<ul class="boxes">' if block.boxes else "<ul>"
            yield from (f"<li>{_safe(item)}</li>" for item in block.items)
            yield "</ul>"
        case Table():
            yield from _table(block)
        case Part():
            level = min(depth, _DEEPEST)
            yield f"<h{level}>{_safe(block.title)}</h{level}>"
            for inner in block.blocks:
                yield from _block(inner, depth + 1)


def _table(block: Table) -> Iterator[str]:
    yield "<table><thead><tr>" + "".join(f"<th>{_safe(name)}</th>" for name in block.columns) + "</tr></thead><tbody>"
    for row in block.rows:
        yield "<tr>" + "".join(f"<td>{_safe(cell)}</td>" for cell in row) + "</tr>"
    yield "</tbody></table>"
