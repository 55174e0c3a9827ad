"""Tminus: drive a migration cutover, prove it, and find the way back."""

__version__ = "0.1.0"
