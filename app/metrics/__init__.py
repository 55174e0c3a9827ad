"""Metrics: sources that are read on a schedule, and the lines their triggers draw."""
