"""Calls each way to get memory CALLS times and prints, as JSON, how often the preloaded counter
counted meanwhile; "free" gets none and is there to show that nothing else is counted."""

import ctypes
import json
import os

from allocation_counter import read_count

CALLS = 1_000

c, cpp = ctypes.CDLL(None), ctypes.CDLL("libstdc++.so.6")
somewhere = ctypes.byref(ctypes.c_void_p())
SIZE, ALIGNMENT, NOWHERE = ctypes.c_size_t(64), ctypes.c_size_t(128), ctypes.c_void_p()

WAYS = {
    "malloc": (c.malloc, SIZE),
    "calloc": (c.calloc, SIZE, SIZE),
    "realloc": (c.realloc, NOWHERE, SIZE),
    "memalign": (c.memalign, ALIGNMENT, SIZE),
    "aligned_alloc": (c.aligned_alloc, ALIGNMENT, SIZE),
    "posix_memalign": (c.posix_memalign, somewhere, ALIGNMENT, SIZE),
    "operator new": (cpp._Znwm, SIZE),
    "aligned operator new": (cpp._ZnwmSt11align_val_t, SIZE, ALIGNMENT),
    "free": (c.free, NOWHERE),
}


def counted_while(function, *arguments):
    file = os.environ["GATES_ALLOCATIONS"]
    before = read_count(file)
    for _ in range(CALLS):
        function(*arguments)
    return read_count(file) - before


if __name__ == "__main__":
    print(json.dumps({name: counted_while(*way) for name, way in WAYS.items()}))
