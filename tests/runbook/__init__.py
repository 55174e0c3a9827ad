"""Tests of the language: reading, parsing, checking, laying out."""
