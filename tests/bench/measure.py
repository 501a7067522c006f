"""Slices: a short run against one peer, interleaved with the others, thrown away when the load or
the backend was the bottleneck and not the proxy."""

import json
import statistics
import subprocess
from dataclasses import dataclass

from paths import GENERATOR

BUSY = 0.9       # above this share of its core a generator or backend limits the proxy
ATTEMPTS = 4     # for one slice, before a busy one is kept and marked


@dataclass
class Slice:
    cpu_us: float
    rps: float
    p50_us: int
    p99_us: int
    errors: int
    generator_busy: float
    backend_busy: float

    @property
    def is_void(self):
        return max(self.generator_busy, self.backend_busy) > BUSY


@dataclass
class Figures:
    """Medians over the good slices of one peer."""
    name: str
    cpu_us: float
    spread_us: float
    rps: float
    p50_us: float
    p99_us: float
    errors: int
    slices: int
    void: int
    generator_busy: float
    backend_busy: float

    @classmethod
    def of(cls, name, slices):
        good = [one for one in slices if not one.is_void] or slices
        median = lambda key: statistics.median(getattr(one, key) for one in good)  # noqa: E731
        costs = [one.cpu_us for one in good]
        return cls(name, median("cpu_us"), max(costs) - min(costs), median("rps"), median("p50_us"),
                   median("p99_us"), sum(one.errors for one in slices), len(good),
                   sum(one.is_void for one in slices), median("generator_busy"), median("backend_busy"))


class Bench:
    def __init__(self, cores, backend, folder, milliseconds, warm_milliseconds=100):
        self.cores = cores
        self.backend = backend
        self.folder = folder
        self.milliseconds = milliseconds
        self.warm_milliseconds = warm_milliseconds

    def slice(self, peer, workload):
        request = self.folder / "request"
        request.write_bytes(workload.request(peer.token))
        command = [GENERATOR, peer.port, workload.connections, request, workload.status,
                   self.warm_milliseconds, self.milliseconds, self.backend.pid, *peer.pids]
        done = subprocess.run(self.cores.pinned(self.cores.generator, command), capture_output=True,
                              text=True, timeout=60)
        assert done.returncode == 0, f"{peer.name}: {done.stderr}"
        told = json.loads(done.stdout)
        assert told["requests"] > 0, f"{peer.name} answered nothing well: {told}"
        backend_s = told["cpu_s"].pop(str(self.backend.pid))
        return Slice(
            cpu_us=sum(told["cpu_s"].values()) / told["requests"] * 1e6,
            rps=told["requests"] / told["seconds"], p50_us=told["p50_us"], p99_us=told["p99_us"],
            errors=told["errors"], generator_busy=told["own_cpu_s"] / told["seconds"],
            backend_busy=backend_s / told["seconds"])

    def good_slice(self, peer, workload):
        """A slice, repeated while it is void; the last one is kept as it is."""
        for _ in range(ATTEMPTS):
            taken = self.slice(peer, workload)
            if not taken.is_void:
                break
        return taken

    def compare(self, peers, workload, rounds):
        """Figures for each peer: A B C .. C B A and again, so that drift hits all alike."""
        slices = {peer.name: [] for peer in peers}
        for peer in peers:
            self.slice(peer, workload)  # connections upstream, caches and branch predictors
        for number in range(rounds):
            for peer in peers if number % 2 == 0 else reversed(peers):
                slices[peer.name].append(self.good_slice(peer, workload))
        return [Figures.of(peer.name, slices[peer.name]) for peer in peers]
