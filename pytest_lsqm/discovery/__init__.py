"""Where architectures come from."""
