"""How the work is laid out: the plan tree, memory, time."""
