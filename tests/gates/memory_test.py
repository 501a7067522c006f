"""What the gateway keeps in memory while nothing happens."""

import contextlib
import mmap
import os
import pathlib
import re
import resource
import time

import pytest

from harness import wait_until

MIB = 1024 * 1024
AS_SHIPPED = {"passwords": None, "throttle": None}  # not as cheap as tests have it


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
# into (most of them of libcrypto, and of libpq with what that links), the heap (settings, routes, keys, SQLite's cache), and the stacks
# and arenas of the threads. More workers add their tables and buffers. Both were 10 % less when this
# was written; the goal is 6 MiB.
# 125 KiB of it are libcurl and the eight libraries it links, which send traces: 104 in their pages, the
# rest in the loader's and in rings that wait for them. Passkeys, second factors, mails and account
# pages, all of them off here, took 120 KiB more: settings and what is shown of them, and the pages of
# one more library. Other issuers, templates, the cache, budgets and compression are off here as well.
MOST_KIB_AT_START = {1: 3_990, 4: 4_350}

# Threads that begin at the same moment share an arena of the heap or get one of 128 KiB each, as it
# happens. The least of several starts has no such luck in it, and what the program itself takes.
STARTS = 5


def test_anonymous_memory_at_start(start_gateway, workers, gate):
    def after_a_start():
        gateway = start_gateway(**AS_SHIPPED)
        taken = anonymous_bytes(gateway.pid)
        gateway.stop()
        return taken
    least = min(after_a_start() for _ in range(STARTS))
    gate(least / 1024, "KiB of anonymous memory at start", at_most=MOST_KIB_AT_START[workers])


# An idle connection: the socket's registration with the event loop, a deadline, the client's
# address. Since the start of the gateway there is also what each worker's pools keep for the next
# burst, about 0.7 MiB. As measured, and 10 %; the goal for a connection is 1 KiB.
CONNECTIONS = 2_000
MOST_FOR_ONE_MORE = 710
MOST_SINCE_THE_START = {1: 940, 4: 1_680}


@pytest.fixture
def many_open_files():
    """This process, and what it starts, may have as many as it likes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def settled_bytes(pid, quiet_s=2.5):
    """Anonymous memory, once it has not changed for longer than a silent connection is kept hot and
    than it takes between two looks at what the pools can give back (1 s each)."""
    seen, since = None, 0.0

    def settled():
        nonlocal seen, since
        now = anonymous_bytes(pid)
        if now != seen:
            seen, since = now, time.monotonic()
        return time.monotonic() - since > quiet_s
    wait_until(settled, "memory to settle", timeout=60)
    return seen


@contextlib.contextmanager
def idle_connections(gateway, pair, count):
    """So many connections that have each made a request with a token, and keep quiet now."""
    others = gateway.metric("gatehouse_connections_open")
    with contextlib.ExitStack() as until_closed:
        for _ in range(count):
            client = until_closed.enter_context(gateway.connect(timeout=60))
            assert client.exchange("GET", "/items/1", pair.bearer).status == 200
        yield
        # One of the others may have been about to close.
        assert gateway.metric("gatehouse_connections_open") >= others - 1 + count, "they are not all open"


@pytest.fixture
def gateway(many_open_files, start_gateway):
    return start_gateway(**AS_SHIPPED, deadlines={"keep_alive": "10m"})


@pytest.fixture
def pair(gateway):
    return gateway.auth().register("ada")


# Each worker runs the same code, and a second burst would meet the pools of some half grown.
@pytest.mark.parametrize("workers", [1], ids=["1 worker"])
def test_memory_of_one_more_idle_connection(gateway, pair, workers, gate):
    with idle_connections(gateway, pair, CONNECTIONS):  # tables and pools grow
        before = settled_bytes(gateway.pid)
        with idle_connections(gateway, pair, CONNECTIONS):
            grown = settled_bytes(gateway.pid) - before
    gate(grown / CONNECTIONS, "bytes for one more idle connection", at_most=MOST_FOR_ONE_MORE)


def test_memory_of_idle_connections_since_the_start(gateway, pair, workers, gate):
    """What a burst leaves behind is in it: those connections were all busy at nearly one time."""
    before, count = settled_bytes(gateway.pid), 2 * CONNECTIONS
    with idle_connections(gateway, pair, count):
        grown = settled_bytes(gateway.pid) - before
    gate(grown / count, f"bytes for each of {count:,} idle connections", at_most=MOST_SINCE_THE_START[workers])


def test_a_connection_that_is_not_idle_takes_more(start_gateway):
    """A head that has half arrived holds a buffer, which is a page at least."""
    gateway = start_gateway(**AS_SHIPPED)
    count, before = 200, anonymous_bytes(gateway.pid)
    with contextlib.ExitStack() as until_closed:
        for _ in range(count):
            until_closed.enter_context(gateway.connect()).send("GET /items/1 HTTP/1.1\r\nHost: gate")
        wait_until(lambda: anonymous_bytes(gateway.pid) - before >= count * 4096, "the buffers to be seen")
