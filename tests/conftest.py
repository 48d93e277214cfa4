"""What holds for all tests."""

import signal

# A shell lets what it starts in the background ignore an interruption; some tests send one.
signal.signal(signal.SIGINT, signal.default_int_handler)
