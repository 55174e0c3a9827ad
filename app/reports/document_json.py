"""A document as JSON: `{title, about, sections: [{id, title, blocks: [{kind, ...}]}]}`; field names are stable."""

from __future__ import annotations

from typing import Any

from app.reports.blocks import Block, Code, Document, Items, Part, Table, Text


def as_tree(document: Document) -> dict[str, Any]:
    """Plain dicts and lists, ready for `json.dumps`. Text is as the runbook has it; a reader escapes it."""
    sections = [
        {"id": section.id, "title": section.title, "blocks": [_block(block) for block in section.blocks]}
        for section in document.sections
    ]
    return {"title": document.title, "about": document.about, "sections": sections}


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Text():
            return {"kind": "text", "text": block.text}
        case Code():
            return {"kind": "code", "label": block.label, "text": block.text}
        case Items():
            return {"kind": "checklist" if block.boxes else "list", "items": list(block.items)}
        case Table():
            return {"kind": "table", "columns": list(block.columns), "rows": [list(row) for row in block.rows]}
        case Part():
            return {"kind": "part", "title": block.title, "blocks": [_block(inner) for inner in block.blocks]}
