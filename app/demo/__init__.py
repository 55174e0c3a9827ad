"""The embedded estate: two databases, a small shop that serves from one of them, and incidents to break it with."""
