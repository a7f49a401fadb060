"""What a rendering process may use: memory, processor time, no network and no other programs (SECURITY 13)."""

from __future__ import annotations

import contextlib
import ctypes
import math
import resource
import sys

MEMORY = 1 << 30
CPU_SECONDS = 15
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_FORBIDDEN = (
    "socket.",
    "urllib.",
    "http.",
    "ftplib.",
    "subprocess.",
    "os.system",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
    "pty.",
)


class Forbidden(RuntimeError):
    """The process tried to reach the network or to start a program after `seal`."""


def limit_memory(size: int) -> None:
    """Bound the address space in bytes: an allocation beyond it fails in Python as a MemoryError."""
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 20, 64 << 20))


def allow_cpu(seconds: int) -> None:
    """From now on this many seconds of processor time; then the kernel ends the process by SIGXCPU."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    limit = math.ceil(usage.ru_utime + usage.ru_stime) + seconds
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (limit if hard < 0 else min(limit, hard), hard))


def leave_network() -> bool:
    """Move into an empty network of its own, where the kernel lets us; True if it did."""
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None, use_errno=True)
        return any(libc.unshare(flags) == 0 for flags in (_CLONE_NEWNET, _CLONE_NEWUSER | _CLONE_NEWNET))
    return False


def seal() -> None:
    """Refuse sockets, downloads and other programs in this interpreter from now on; it cannot be undone."""

    def hook(event: str, _arguments: object) -> None:
        if event.startswith(_FORBIDDEN):
            raise Forbidden(event)

    sys.addaudithook(hook)
