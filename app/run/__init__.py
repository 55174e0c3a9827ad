"""A run as values: events in the past tense, the state they fold into, and what should happen next. Pure."""
