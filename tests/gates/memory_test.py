"""What the gateway keeps in memory while nothing happens."""

import mmap
import os
import pathlib
import re

MIB = 1024 * 1024
AS_SHIPPED = {"passwords": {"argon2_memory": "19MiB", "argon2_passes": 2}}


def anonymous_bytes(pid):
    """Memory that is the process's own and cannot be dropped. This is what /proc/PID/status calls
    RssAnon; but that line may lag behind by 32 pages per core, and this one is counted."""
    rollup = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Anonymous: +(\d+) kB", rollup, re.MULTILINE)[1]) * 1024


def test_what_is_written_to_counts_as_memory_and_nothing_else():
    with mmap.mmap(-1, 64 * MIB, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as untouched:
        before = anonymous_bytes(os.getpid())
        untouched.write(b"x" * 32 * MIB)
        assert anonymous_bytes(os.getpid()) - before in range(32 * MIB, 33 * MIB)


# Before the first request, in about equal parts: pages of libraries that the loader writes addresses
# into (most of them libcrypto's), the heap (settings, routes, keys, SQLite's cache), and the stacks
# and arenas of the threads. More workers add their tables and buffers. Both were 10 % less when this
# was written; the goal is 6 MiB.
MOST_KIB_AT_START = {1: 2_700, 4: 3_000}


def test_anonymous_memory_at_start(start_gateway, workers, gate):
    gateway = start_gateway(**AS_SHIPPED)
    gate(anonymous_bytes(gateway.pid) / 1024, "KiB of anonymous memory at start", at_most=MOST_KIB_AT_START[workers])
