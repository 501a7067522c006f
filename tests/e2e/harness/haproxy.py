"""A real haproxy with a configuration of the test's own."""

from .process import Process
from .services import answers
from .waiting import wait_until

HEAD = """global
    maxconn 256
defaults
    timeout connect 5s
    timeout client 30s
    timeout server 30s
"""


class Haproxy:
    """`text` is a whole configuration, or what follows HEAD; it listens on `port`."""

    def __init__(self, folder, text, port):
        self.port = port
        config = folder / f"haproxy-{port}.cfg"
        config.write_text(text if "defaults" in text else HEAD + text)
        self.process = Process(["haproxy", "-db", "-f", config], "haproxy", cwd=folder)

        def up():
            assert self.process.running(), f"haproxy ended at once:\n{self.process.output()}"
            return answers(port)
        wait_until(up, "haproxy to listen", 30)

    def stop(self):
        self.process.stop()
