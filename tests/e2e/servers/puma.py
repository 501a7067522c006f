"""Puma in front of a Rack program."""

from .real_server import RealServer


class Puma(RealServer):
    name = "puma"
    program = "seen.ru"
    takes_odd_queries = False  # on a kept connection it says nothing more at all

    def command(self):
        return ["puma", "--bind", f"tcp://127.0.0.1:{self.port}", "--threads", "4:4", "--environment", "production",
                "--dir", self.folder, self.program_file]
