"""Tests of app.engine."""
