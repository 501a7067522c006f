"""Node's own HTTP server under Express."""

from harness.services import TESTS

from .real_server import RealServer


class Node(RealServer):
    name = "node"
    program = "seen.cjs"
    trailers = hints = True

    def environment(self):
        return {"NODE_PATH": str(TESTS / "node_modules")}

    def command(self):
        return ["node", self.program_file, self.port]
