"""Real services, as somebody would have them, that know nothing of a gateway."""

import os
import pathlib

from .ports import free_port
from .process import Process
from .waiting import wait_until

TESTS = pathlib.Path(__file__).resolve().parents[2]


def answers(port):
    import socket
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


class _Service:
    def __init__(self, command, name, port, **popen):
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.process = Process(command, name, **popen)

        def up():
            assert self.process.running(), f"{name} ended at once:\n{self.process.output()}"
            return answers(port)
        wait_until(up, f"{name} to listen")

    def stop(self):
        self.process.stop()


class ExpressService(_Service):
    """Express: answers every request with what it got, as JSON."""

    def __init__(self):
        port = free_port()
        super().__init__(["node", TESTS / "e2e" / "services" / "express.cjs", port], "express", port)


class NodeService(_Service):
    """Any other script below services/, with variables of its own in its environment."""

    def __init__(self, script, environment):
        port = free_port()
        path = TESTS / "e2e" / "services" / script
        super().__init__(["node", path, port], path.stem, port, env={**os.environ, **environment})


class FileService(_Service):
    """Python's own http.server over a folder."""

    def __init__(self, folder):
        port = free_port()
        super().__init__(
            ["/usr/bin/python3", "-u", "-m", "http.server", "--bind", "127.0.0.1", "--directory",
             folder, port], "http.server", port)
