"""Runs, runbooks and records as views: pure folds from values to what widgets show."""
