"""Ports nobody else uses."""

import collections
import itertools
import os
import random
import socket

# Below the range from which the kernel takes ports for outgoing connections, so that a port which
# is free now cannot be taken by somebody's connection before our process has bound it. Processes
# that run tests side by side (pytest-xdist calls them gw0, gw1, ...) have a share each.
_FIRST, _LAST, _SHARES = 10_000, 32_000, 16
_SIZE = (_LAST - _FIRST) // _SHARES
_SHARE = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _SHARES
_candidates = itertools.count(random.Random(os.getpid()).randrange(_SIZE))
# What was handed out lately, and may not be bound yet: by a name that other runs on this machine see, and that goes
# with this process.
_claims = collections.deque(maxlen=128)


def _claimed(port):
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(f"\0gatehouse-test-port-{port}")
    except OSError:
        claim.close()
        return False
    if len(_claims) == _claims.maxlen:
        _claims.popleft().close()
    _claims.append(claim)
    return True


def free_port():
    """A TCP port of 127.0.0.1 that nothing listens on, and that nobody else is given for a while."""
    while True:
        port = _FIRST + _SHARE * _SIZE + next(_candidates) % _SIZE
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if _claimed(port):
            return port


class RefusingEndpoint:
    """A port that is taken, so that nobody else gets it, and refuses every connection."""

    def __init__(self):
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def close(self):
        self._socket.close()


class FullEndpoint:
    """A port whose queue of waiting connections is full: connecting to it takes for ever."""

    def __init__(self):
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(0)
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._waiting = []
        for _ in range(4):
            waiting = socket.socket()
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", self.port))
            self._waiting.append(waiting)

    def close(self):
        for waiting in self._waiting:
            waiting.close()
        self._listener.close()
