"""The usual learning rates and passes: gensim's own rates, and ten passes over G."""

ALPHA = 0.025
MIN_ALPHA = 0.0001
EPOCHS = 10
