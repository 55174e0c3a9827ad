"""Widgets that show values: one file each, painted from the tokens, knowing nothing of a run."""
