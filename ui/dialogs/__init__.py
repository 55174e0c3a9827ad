"""What is asked before something that weighs, and what must be read."""
