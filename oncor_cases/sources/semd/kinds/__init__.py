"""One small reader per family of kinds: a function that takes an open sheet and adds its facts."""
