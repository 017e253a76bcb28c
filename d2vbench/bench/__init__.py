"""The benchmark: cells, studies, records, the runner."""
