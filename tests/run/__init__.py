"""Tests of app.run."""
