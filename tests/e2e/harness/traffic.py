"""Requests that go on while a test breaks something, and must not notice."""

import threading
import time

from .raw_client import ConnectionEnded, RawClient
from .waiting import pause, wait_until

PATIENCE = 30.0


class VerifiedTraffic:
    """One client for each gateway, asking again and again on one connection and now and then on a
    new one, while the block runs. Leaving the block fails unless every answer was a 200 that took
    less than `slowest` seconds: whoever waits for a store that is gone takes longer, or is refused."""

    def __init__(self, gateways, pair, target="/items", slowest=3.0):
        self._gateways = gateways
        self._pair = pair
        self._target = target
        self._slowest = slowest
        self._over = threading.Event()
        self._threads = []
        self.answers = 0
        self.failures = []

    def __enter__(self):
        self._threads = [threading.Thread(target=self._run, args=[gateway], daemon=True) for gateway in self._gateways]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind, *_):
        self._over.set()
        for thread in self._threads:
            thread.join(30)
        if kind is None:
            assert self.failures == []
            assert self.answers >= 10 * len(self._gateways), f"only {self.answers} requests were made"

    def _run(self, gateway):
        try:
            while not self._over.is_set():
                with gateway.connect() as client:
                    for _ in range(20):
                        self._ask(client)
        except Exception as problem:
            self.failures.append(repr(problem))

    def _ask(self, client):
        began = time.monotonic()
        status = client.exchange("GET", self._target, self._pair.bearer).status
        took = time.monotonic() - began
        if status != 200 or took > self._slowest:
            self.failures.append(f"{status} after {took:.2f} s")
        self.answers += 1
        pause(0.005)


class SteadyTraffic:
    """Clients that ask for the same public thing without a pause while the block runs, half of them on a new
    connection each time, the others on one until they are told to go. Leaving the block fails unless every
    answer was a 200."""

    def __init__(self, port, target, host="127.0.0.1", clients=8):
        self._port, self._host, self._target = port, host, target
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=[number], daemon=True) for number in range(clients)]
        self._answers = [0] * clients
        self.failures = []

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind, *_):
        self._over.set()
        for thread in self._threads:
            thread.join(30)
        if kind is None:
            assert self.failures == []

    def wait_for_answers(self, count):
        """So many more than there are now."""
        before = sum(self._answers)
        wait_until(lambda: self.failures or sum(self._answers) >= before + count, "requests to be answered", 30)

    def _ask(self, number):
        client = None
        while not self._over.is_set():
            try:
                client = client or RawClient(self._port, self._host)
                answer = client.exchange("GET", self._target)
                assert answer.status == 200, f"{answer.status} {answer.body!r}"
            except (OSError, ConnectionEnded, AssertionError) as failure:
                self.failures.append(repr(failure))
                return
            self._answers[number] += 1
            if number % 2 == 0 or answer.get("Connection") == "close":
                client.close()
                client = None
        if client:
            client.close()


class Load:
    """Clients that ask again and again, each on one connection, and retry nothing: every answer must
    be a 200 with one of the bodies that are right. Whoever is told `Connection: close` comes back on
    a new one, where `connect` says."""

    def __init__(self, connect, targets, fields, bodies, clients):
        self._connect, self._targets, self._fields, self._bodies = connect, targets, fields, bodies
        self._over = threading.Event()
        self.answers = [0] * clients
        self.failures = []
        self._threads = [threading.Thread(target=self._run, args=[number], daemon=True) for number in range(clients)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        wait_until(lambda: all(self.answers) or self.failures, "the load to begin", PATIENCE)
        return self

    def __exit__(self, kind, *_):
        self._over.set()
        for thread in self._threads:
            thread.join(PATIENCE)
        if kind is None:
            assert self.failures == []

    def _run(self, number):
        try:
            while not self._over.is_set():
                with self._connect() as client:
                    self._ask_until_told_to_go(number, client)
        except Exception as problem:
            self.failures.append(f"after {self.answers[number]} answers: {problem!r}")

    def _ask_until_told_to_go(self, number, client):
        while not self._over.is_set():
            answer = client.exchange("GET", self._targets[self.answers[number] % len(self._targets)], self._fields)
            if answer.status != 200 or not answer.complete or answer.body not in self._bodies:
                self.failures.append(f"{answer.status} {answer.body[:100]!r}")
            self.answers[number] += 1
            if answer.get("Connection") == "close":
                return
