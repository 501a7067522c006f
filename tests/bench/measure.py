"""Slices: a short run against one peer, interleaved with the others, thrown away when the load or
the backend was the bottleneck and not the proxy."""

import json
import re
import signal
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass

from paths import E2E, GENERATOR

sys.path.insert(0, str(E2E))
from harness.waiting import wait_until  # noqa: E402

BUSY = 0.9       # above this share of its core a generator or backend limits the proxy
ATTEMPTS = 4     # for one slice, before a busy one is kept and marked


@dataclass
class Slice:
    cpu_us: float
    rps: float
    p50_us: int
    p99_us: int
    p999_us: int
    errors: int
    generator_busy: float
    backend_busy: float
    store_us: float | None = None  # processor time of the store's server, per request

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
    p999_us: float
    errors: int
    slices: int
    void: int
    generator_busy: float
    backend_busy: float
    store_us: float | None = None      # per request, of its server
    system_calls: float | None = None  # per request
    commits: float | None = None       # per request, of the store
    idle_bytes: float | None = None    # user memory per idle connection

    @classmethod
    def of(cls, name, slices):
        good = [one for one in slices if not one.is_void] or slices
        median = lambda key: statistics.median(getattr(one, key) for one in good)  # noqa: E731
        costs = [one.cpu_us for one in good]
        return cls(name, median("cpu_us"), max(costs) - min(costs), median("rps"), median("p50_us"),
                   median("p99_us"), median("p999_us"), sum(one.errors for one in slices), len(good),
                   sum(one.is_void for one in slices), median("generator_busy"), median("backend_busy"),
                   median("store_us") if all(one.store_us is not None for one in good) else None)


class Bench:
    """Measures peers under one workload."""

    def __init__(self, workload, cores, backend, folder, milliseconds):
        self.workload = workload
        self.cores = cores
        self.backend = backend
        self.folder = folder
        self.milliseconds = milliseconds
        self.capacity = {}    # requests a second of each peer in a closed loop
        self.lines_used = {}  # by peer, where no token may be sent twice

    def compare(self, peers, rounds):
        """Figures for each peer: A B C .. C B A and again, so that drift hits all alike."""
        idle = self.workload.idle  # before any load: memory that was used once is not given back
        idle_bytes = {peer.name: bytes_per_idle_connection(peer, idle, self.workload.tls) if idle else None for peer in peers}
        for peer in peers:  # connections upstream, caches and branch predictors
            self.capacity[peer.name] = self._good_slice(peer, closed_loop=True).rps
        slices = {peer.name: [] for peer in peers}
        for number in range(rounds):
            for peer in peers if number % 2 == 0 else reversed(peers):
                slices[peer.name].append(self._good_slice(peer))
        figures = [Figures.of(peer.name, slices[peer.name]) for peer in peers]
        for peer, figure in zip(peers, figures):
            figure.system_calls = self._system_calls(peer)
            figure.commits = self._commits(peer)
            figure.idle_bytes = idle_bytes[peer.name]
        return figures

    def _good_slice(self, peer, closed_loop=False):
        """A slice, repeated while it is void or empty (TCP may stall a proxy for 200 ms when a body
        just fills its buffers); a void one is kept as it is in the end."""
        for _ in range(ATTEMPTS):
            taken = self._slice(peer, closed_loop)
            if taken and not taken.is_void:
                break
        assert taken, f"{peer.name} answers nothing well: {(peer.folder / 'output.log').read_text()[-2000:]}"
        return taken

    def _slice(self, peer, closed_loop):
        told = self._load(peer, self.workload.warm_milliseconds, self.milliseconds, closed_loop)
        if told["requests"] == 0:
            return None
        backend_s = told["cpu_s"].pop(str(self.backend.pid))
        store_s = sum(told["cpu_s"].pop(str(pid)) for pid in told["store_pids"])
        return Slice(
            cpu_us=sum(told["cpu_s"].values()) / told["requests"] * 1e6,
            store_us=store_s / told["requests"] * 1e6 if told["store_pids"] else None,
            rps=told["requests"] / told["seconds"], p50_us=told["p50_us"], p99_us=told["p99_us"],
            p999_us=told["p999_us"], errors=told["errors"],
            generator_busy=told["own_cpu_s"] / told["seconds"], backend_busy=backend_s / told["seconds"])

    def _load(self, peer, warm_ms, measure_ms, closed_loop=False):
        workload = self.workload
        request = self.folder / "request"
        request.write_bytes(workload.request(peer))
        command = [GENERATOR, "--port", peer.port, "--connections", workload.connections, "--request", request,
                   "--expect", f"HTTP/1.1 {workload.status}", "--warm-ms", warm_ms, "--measure-ms", measure_ms]
        store_pids = list(peer.store_pids)
        for pid in [self.backend.pid, *peer.pids, *store_pids]:
            command += ["--pid", pid]
        lines = workload.lines(peer)
        if lines:
            first = self.lines_used.get(peer.name, 0) if workload.every_token_new else 0
            command += ["--tokens", lines.path, "--token-count", lines.count, "--first-token", first]
        if workload.refreshing:
            command.append("--refresh")
        if workload.messages:
            command += ["--messages", workload.messages]
        if workload.reconnect:
            command.append("--reconnect")
        if workload.tls:
            command += ["--tls", workload.tls]
        # A client's half of a handshake costs more than the other one, and no core of the proxy's is free.
        spread = workload.generators > 1 and "," in self.cores.generators
        if spread:
            command += ["--threads", workload.generators]
        if workload.idle:
            command += ["--idle", workload.idle]
        if not closed_loop and (workload.rate or workload.share_of_capacity):
            command += ["--rate", workload.rate or workload.share_of_capacity * self.capacity[peer.name]]
        with peer.measured():
            cores = self.cores.generators if spread else self.cores.generator
            done = subprocess.run(self.cores.pinned(cores, command), capture_output=True, text=True,
                                  timeout=120)
        assert done.returncode == 0, f"{peer.name}: {done.stderr}"
        told = {**json.loads(done.stdout), "store_pids": store_pids}
        if lines:
            self.lines_used[peer.name] = self.lines_used.get(peer.name, 0) + told["lines_used"]
            require_enough(lines, self.lines_used[peer.name])
        return told

    def _system_calls(self, peer):
        """Per request, of all threads, under this very load (slower, for it is traced)."""
        if not self.workload.count_system_calls:
            return None
        with tempfile.NamedTemporaryFile("r") as report:
            attach = [word for pid in peer.pids for word in ("-p", str(pid))]
            tracer = subprocess.Popen(["strace", "-c", "-f", "-q", "-o", report.name, *attach],
                                      stderr=subprocess.DEVNULL)
            wait_until(lambda: all(is_traced(pid) for pid in peer.pids), "strace to attach")
            told = self._load(peer, 0, self.milliseconds)
            tracer.send_signal(signal.SIGINT)
            tracer.wait(20)
            total = re.search(r"^100\.00 +\S+ +(?:\S+ +)?(\d+) +(?:\d+ +)?total$", report.read(), re.MULTILINE)
            return int(total[1]) / told["requests"] if total and told["requests"] else None

    def _commits(self, peer):
        """Per request, in a slice of their own; each one was synced before its requests were answered."""
        before = peer.commits() if self.workload.count_commits else None
        if before is None:
            return None
        told = self._load(peer, 0, self.milliseconds)
        return (peer.commits() - before) / told["requests"]


def require_enough(lines, used):
    """Fails when lines were sent again that mean something else the second time."""
    assert lines.endless or used <= lines.count, f"{used} lines were used, {lines.path.name} has {lines.count}"


def is_traced(pid):
    with open(f"/proc/{pid}/status") as status:
        return "TracerPid:\t0\n" not in status.read()


def whoever_it_is():
    """A client that trusts every server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def bytes_per_idle_connection(peer, count, tls=""):
    """How much anonymous memory so many connections take that were used once."""
    before = peer.anonymous_bytes()
    idle = []
    context = whoever_it_is() if tls else None
    try:
        for _ in range(count):
            one = socket.create_connection(("127.0.0.1", peer.port))
            if context:
                one = context.wrap_socket(one)
            one.sendall(b"GET /refused HTTP/1.1\r\nHost: x\r\n\r\n")
            assert one.recv(4096)
            idle.append(one)
        settled = [0]

        def is_steady():
            now = peer.anonymous_bytes()
            settled.append(now)
            return len(settled) > 200 and abs(settled[-1] - settled[-100]) <= 64 * 1024
        wait_until(is_steady, f"{peer.name} to settle", timeout=20)
        return max(0, settled[-1] - before) / count
    finally:
        for one in idle:
            one.close()
