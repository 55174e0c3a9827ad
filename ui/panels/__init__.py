"""The parts of screens: each shows one thing from one look at the run."""
