"""Apps for architectures: what every one of them must hold, whatever made it."""
