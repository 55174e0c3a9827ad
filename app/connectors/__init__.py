"""Adapters to the outside world: the only home of threads, drivers and processes."""
