"""The places of the rail."""
