"""The record of a run: one file, chained from its first entry, written by one console and read by all."""
