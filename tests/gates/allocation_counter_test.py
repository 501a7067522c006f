"""What the gates count allocations with, put to the test itself."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

from allocation_counter import AllocationCounter
from call_allocators import CALLS, WAYS

HERE = pathlib.Path(__file__).resolve().parent
SLACK = CALLS // 10  # the caller is a Python program and needs some memory of its own


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    counter = AllocationCounter(tmp_path_factory.mktemp("counter"))
    done = subprocess.run([sys.executable, HERE / "call_allocators.py"], capture_output=True, text=True, check=True,
                          env={**os.environ, **counter.environment})
    return json.loads(done.stdout)


@pytest.mark.parametrize("way", [name for name in WAYS if name != "free"])
def test_every_way_to_get_memory_is_counted_once(counted, way):
    assert CALLS <= counted[way] < CALLS + SLACK


def test_what_gets_no_memory_is_not_counted(counted):
    assert counted["free"] < SLACK
