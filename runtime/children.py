"""How a child process is tied to its parent's life, so that even a killed parent leaves nobody behind."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1


def die_with_parent(death_signal: signal.Signals = signal.SIGKILL) -> Callable[[], None]:
    """A `preexec_fn` for `subprocess.Popen`: the kernel sends `death_signal` when the parent is gone.

    The kernel watches the *thread* that spawned the child: spawn from one that lives as long as the parent
    should count as alive, normally the main thread. On systems other than Linux it does nothing.
    """
    parent = os.getpid()
    if sys.platform != "linux":
        return lambda: None
    libc = ctypes.CDLL(None, use_errno=True)

    def ask_the_kernel() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:  # it died between fork and prctl, and nobody would tell us
            os._exit(1)

    return ask_the_kernel
