"""Requests with a good token that go on while a test breaks something, and must not notice."""

import threading
import time

from .waiting import pause


class VerifiedTraffic:
    """One client for each gateway, asking again and again on one connection and now and then on a
    new one, while the block runs. Leaving the block fails unless every answer was a 200 that took
    less than `slowest` seconds."""

    def __init__(self, gateways, pair, target="/items", slowest=1.0):
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
