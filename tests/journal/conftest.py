"""Fixtures of the record's tests."""

from tests.journal.records import path, record

__all__ = ["path", "record"]
