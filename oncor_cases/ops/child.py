"""Runs a command as a child that dies with its supervisor: `python -m oncor_cases.ops.child COMMAND...`.

On Linux the kernel sends SIGTERM to this process when its parent is gone, also after kill -9. Asked for here and not in
a `preexec_fn`, because the supervisor has threads."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before we asked
            sys.exit(1)
    os.execvp(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
