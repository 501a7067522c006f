"""The machine a benchmark runs on: its cores, and a network nobody else uses."""

import ctypes
import fcntl
import os
import socket
import struct
import subprocess

SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 0x1
CLONE_NEWNET = 0x40000000


def enter_private_network():
    """Moves this process into a network namespace of its own, if it may: connection tracking on
    the host's loopback would add its cost to every peer. True when it worked."""
    if os.environ.get("GATEHOUSE_BENCH_NETWORK") == "host":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        return False
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sh22x", b"lo", 0)
        flags = struct.unpack("16sh22x", fcntl.ioctl(control, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", flags | IFF_UP))
    return True


class Cores:
    """Who runs where: the proxy alone on its core, backend and generator on others."""

    def __init__(self):
        self.available = sorted(os.sched_getaffinity(0))
        last = len(self.available) - 1
        self.generator = self.available[last]
        self.backend = self.available[max(last - 1, min(1, last))]  # of two cores, not the proxy's
        self.spare = self.available[1 if last >= 3 else last]  # of four, for what is not measured
        self.generators = f"{self.spare},{self.generator}" if last >= 3 else str(self.generator)
        self.company = ",".join(str(core) for core in sorted({self.spare, self.backend}))  # a store's server

    def proxies(self, wanted):
        """The cores of a proxy as taskset spells them; fewer than wanted when there are no more."""
        own = self.available[:max(1, len(self.available) - 2)]
        return ",".join(str(core) for core in own[:wanted])

    def pinned(self, core, command):
        return ["taskset", "-c", str(core), *[str(word) for word in command]]


def describe():
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")),
                 "unknown processor")
    kernel = os.uname().release
    return f"{model}, {os.cpu_count()} cores, Linux {kernel}"


def version_of(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    return (done.stdout + done.stderr).strip().splitlines()[0]
