"""Computing one cell, or a stretch of the plan tree."""
