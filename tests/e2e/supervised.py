"""Run a command until it or standard input ends, then end all its processes: `supervised.py COMMAND...`.

The parent process holds the other end of standard input. When it ends, however it ends, the command ends too, and
nothing is left that would keep a port or a file.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading


def main() -> None:
    os.setpgid(0, 0)
    signal.signal(signal.SIGTERM, lambda *_: None)  # end_all() sends it to this process too
    process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)

    def wait_for_end_of_input() -> None:
        while os.read(0, 1024):
            pass
        end_all()

    threading.Thread(target=wait_for_end_of_input, daemon=True).start()
    process.wait()
    end_all()


def end_all() -> None:
    """End every process of this group, this one last."""
    os.killpg(0, signal.SIGTERM)
    threading.Event().wait(0.3)  # time to clean up
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
