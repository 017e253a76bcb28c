"""Statistics: intervals, verdicts, variance."""
