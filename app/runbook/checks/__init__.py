"""The rules that a runbook must keep, one file per family."""
