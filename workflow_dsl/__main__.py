"""The process of a command: `workflow-dsl`, and `python -m workflow_dsl`."""

from __future__ import annotations

import gc
import signal

# Before a command begins there is nothing to undo, and Ctrl-C ends the process as it ends one that is no Python.
_is_interruptible = signal.getsignal(signal.SIGINT) is signal.default_int_handler
if _is_interruptible:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

# As long as modules are imported nearly nothing is garbage, and the collector would look at it again and again. Those
# of a run with moto make 200,000 objects.
gc.set_threshold(500_000)

import atexit  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402
import threading  # noqa: E402

from workflow_dsl.light_imports import light_imports  # noqa: E402

with light_imports("fnmatch", "gettext", "inspect", "ntpath", "urllib.parse", "uuid"):
    import json  # noqa: F401 - every command imports these two
    import pathlib  # noqa: F401

    from workflow_dsl.cli import main

if _is_interruptible:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def start() -> None:
    """Run the command of this process, and leave without taking Python's modules down one by one.

    The functions registered with atexit run before, and threads are waited for, as at any exit.
    """
    try:
        main()
    except SystemExit as leaving:
        status = 0 if leaving.code is None else leaving.code
        if not isinstance(status, int) or threading.active_count() > 1:
            raise
        atexit._run_exitfuncs()
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except (AttributeError, OSError, ValueError):  # closed, or no one reads it: Python reports it at its own exit
            raise leaving from None
        os._exit(status)


if __name__ == "__main__":
    main()
