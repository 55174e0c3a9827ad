"""The engine: takes an event, evolves the state, writes it to disk, and only then acts."""
