"""Tests of app.rollback."""
