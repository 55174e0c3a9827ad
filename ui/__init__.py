"""The window: reads values, talks to the session, and paints what was remembered."""
