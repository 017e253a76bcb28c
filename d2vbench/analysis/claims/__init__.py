"""Claims: common advice, tested; recommendations."""
