"""Acquiring corpora: download, archives, verification, the cache."""
