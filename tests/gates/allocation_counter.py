"""How often a process that was started with `environment` has asked for memory."""

import os
import pathlib
import struct

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIBRARY = pathlib.Path(os.environ.get("GATES_LIBRARY", ROOT / "build/release/gates/libgates_allocations.so"))


def read_count(file):
    return struct.unpack("Q", pathlib.Path(file).read_bytes())[0]


class AllocationCounter:
    def __init__(self, folder):
        self._file = folder / "allocations"
        self._file.write_bytes(bytes(8))
        self.environment = {"LD_PRELOAD": str(LIBRARY), "GATES_ALLOCATIONS": str(self._file)}

    @property
    def count(self):
        return read_count(self._file)
