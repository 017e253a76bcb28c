"""The encoded store: documents tokenised, encoded and memory-mapped."""
