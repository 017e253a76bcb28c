"""What is kept of a run: records, manifests, checkpoints."""
