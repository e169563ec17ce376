"""Settings of this repository's own test run."""

import signal

# The apps of the corpus are sub-sessions of `pytest --lsqm`; collected here they would miss what was deployed.
collect_ignore = ["corpus"]

pytest_plugins = ["pytester"]

# A run that a shell started in its background ignores Ctrl-C, and so would what the tests start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
