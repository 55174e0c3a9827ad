"""The runbook: what people wrote, read strictly, checked, and laid out in order. Pure but for reading a file."""
