"""Runs a command until it ends or standard input does, and then ends all that it started: `supervised.py COMMAND...`.

Whoever started this holds the other end of standard input: when that process is gone, however it went, so is the
command. Nothing is left behind that would keep a port or a file.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading


def main() -> None:
    os.setpgid(0, 0)
    signal.signal(signal.SIGTERM, lambda *_: None)  # what end_all() sends to all comes here too
    process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)

    def wait_for_the_end_of_input() -> None:
        while os.read(0, 1024):
            pass
        end_all()

    threading.Thread(target=wait_for_the_end_of_input, daemon=True).start()
    process.wait()
    end_all()


def end_all() -> None:
    """Ends every process of this group, this one last."""
    os.killpg(0, signal.SIGTERM)
    threading.Event().wait(0.3)  # for what tidies up after itself
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
