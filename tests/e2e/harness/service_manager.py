"""The side of a service manager: it holds listening sockets, starts a service with them, and hears what
the service tells."""

import contextlib
import pathlib
import select
import shutil
import socket
import sys
import tempfile
import time

# Puts the descriptors where sd_listen_fds(3) says they are, and becomes the service.
LAUNCHER = """
import fcntl, os, sys
given = [fcntl.fcntl(int(word), fcntl.F_DUPFD, 100) for word in sys.argv[1].split(",") if word]
for number, fd in enumerate(given):
    os.dup2(fd, 3 + number)
    os.close(fd)
os.environ.setdefault("LISTEN_PID", str(os.getpid()))
os.environ.setdefault("LISTEN_FDS", str(len(given)))
os.execv(sys.argv[2], sys.argv[2:])
"""


class ServiceManager:
    """`watchdog`: seconds within which it wants a sign of life."""

    def __init__(self, watchdog=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="gatehouse-manager-"))  # socket paths have to be short
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self.notify.bind(str(self.folder / "notify"))
        self.watchdog = watchdog
        self.sockets = []
        self.heard = []  # one dictionary for each datagram

    def close(self):
        for each in [*self.sockets, self.notify]:
            each.close()
        shutil.rmtree(self.folder)

    def listen(self, host="127.0.0.1"):
        """Opens one more socket, and its port."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        opened = socket.socket(family)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((host, 0))
        opened.listen(1024)
        self.sockets.append(opened)
        return opened.getsockname()[1]

    def start_terms(self, **environment):
        """What a gateway is started with so that this is its manager."""
        descriptors = [each.fileno() for each in self.sockets]
        variables = {"NOTIFY_SOCKET": str(self.folder / "notify"), **environment}
        if self.watchdog:
            variables["WATCHDOG_USEC"] = str(int(self.watchdog * 1e6))
        return {"command_prefix": [sys.executable, "-c", LAUNCHER, ",".join(map(str, descriptors))],
                "environment": variables, "inherited": descriptors}

    def wait_for(self, timeout=20.0, **wanted):
        """The next datagram that says all of this, wait_for(READY="1"); what came before it is skipped."""
        deadline = time.monotonic() + timeout
        while select.select([self.notify], [], [], max(0, deadline - time.monotonic()))[0]:
            lines = self.notify.recv(8192).decode().splitlines()
            self.heard.append(dict(line.split("=", 1) for line in lines))
            if wanted.items() <= self.heard[-1].items():
                return self.heard[-1]
        raise AssertionError(f"the service manager never heard {wanted}; it heard {self.heard}")

    def has_heard(self, name):
        """How often a name was told so far, of what was waited for."""
        return sum(name in message for message in self.heard)


@contextlib.contextmanager
def service_manager(**terms):
    manager = ServiceManager(**terms)
    try:
        yield manager
    finally:
        manager.close()

