"""The servers that `lsqm mine` asks, on 127.0.0.1: a module registry, GitHub, and a world behind both."""
