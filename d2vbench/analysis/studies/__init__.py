"""What single studies ask, beyond contrasts of two variants."""
