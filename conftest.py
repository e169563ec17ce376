"""Settings of this repository's own test run."""

# The apps of the corpus are sub-sessions of `pytest --lsqm`; collected here they would miss what was deployed.
collect_ignore = ["corpus"]

pytest_plugins = ["pytester"]
