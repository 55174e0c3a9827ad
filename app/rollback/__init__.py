"""The way back: which steps, how long, what it loses, and whether it is open. Pure."""
