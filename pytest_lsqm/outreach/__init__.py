"""What leaves this machine: the store in its archive, issues about regressions, a word to a channel."""
