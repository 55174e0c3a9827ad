"""Tests of the checker: each rule is broken on purpose."""
