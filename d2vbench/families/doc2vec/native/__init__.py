"""The native engine: a compiled kernel that follows gensim."""
