"""The reference engine: gensim's own core."""
