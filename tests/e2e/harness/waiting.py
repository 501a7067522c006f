"""Waiting for something to be true instead of sleeping."""

import select
import time


def pause(seconds):
    """Gives the other side a moment between two looks at a condition."""
    select.select([], [], [], seconds)


def wait_until(condition, what, timeout=30.0):
    """Returns the first true value of `condition()`; fails with `what` when there is none in time."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout} s in vain for {what}")
        pause(0.01)
