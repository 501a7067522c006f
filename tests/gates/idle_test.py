"""How often an idle gateway wakes up: each time it takes a core from somebody who has work."""

import os
import pathlib
import re
import time

from harness import wait_until

SECONDS = 5

# The feed looks four times a second, each loop's clock and each kind of news now and then.
MOST_WAKE_UPS_A_SECOND = {1: 16, 4: 20}


def wake_ups(pid):
    """Of all threads since they began: each went to sleep of its own will before."""
    folders = pathlib.Path(f"/proc/{pid}/task").iterdir()
    return sum(int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", (folder / "status").read_text(), re.MULTILINE)[1])
               for folder in folders)


def test_a_process_that_sleeps_in_small_pieces_wakes_up_often():
    before = wake_ups(os.getpid())
    for _ in range(100):
        time.sleep(0.0001)
    assert wake_ups(os.getpid()) - before >= 100


def test_an_idle_gateway_sleeps(start_gateway, workers, gate):
    gateway = start_gateway()
    gateway.auth().register("ada")
    quietest = min(wake_ups_in_a_while(gateway.pid) for _ in range(2))
    gate(quietest / SECONDS, "wake-ups of an idle gateway in a second", at_most=MOST_WAKE_UPS_A_SECOND[workers])


def wake_ups_in_a_while(pid):
    before, began = wake_ups(pid), time.monotonic()
    wait_until(lambda: time.monotonic() - began >= SECONDS, "a while", timeout=SECONDS + 60)
    return wake_ups(pid) - before
