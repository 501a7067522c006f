"""What the ten have in common: a program that writes down each request, one line of JSON each."""

import hashlib
import json
import os
import pathlib
import re
import zlib
from dataclasses import dataclass

from corpus.identity import OWNED, folded
from harness import RawClient
from harness.process import Process
from harness.server import Server, unprivileged
from harness.services import answers
from harness.waiting import wait_until

PROGRAMS = pathlib.Path(__file__).parent / "programs"

# In regular expressions of nginx, lighttpd and haproxy: what their own routing takes for protected.
PRIVATE = "^/(public/)?private(/|$)"


@dataclass
class Seen:
    """One request as the program's language shows it. Each character of a text is one byte."""
    method: str
    target: str
    path: str    # decoded, as the server's or framework's routing judges it
    area: str    # what that routing made of it: "private" or "open"
    fields: list
    body: tuple  # its length and a digest
    looked_at: list

    def all(self, name):
        """Values of all that could be meant by `name`, however the language spells it."""
        return [value for key, value in self.fields if bare(key) == folded(name)]

    def identities(self):
        return sorted({(bare(name), value) for name, value in self.fields + self.looked_at if bare(name) in OWNED})


def bare(name):
    """X_USER_ID of HTTP_X_USER_ID, folded."""
    return folded(re.sub(r"^HTTP_", "", name))


class RealServer(Server):
    """Subclasses name their program and say how to run it. `log` is where the program writes."""

    program = ""
    trailers = hints = False    # whether its programs can send such answers
    tells_lengths = True        # of what HEAD asks for, each time
    pieces = True               # and such of a length that they did not tell, without giving the connection up
    says_continue = True        # whether it asks for the body of a request that waits
    takes_odd_queries = True    # with characters that belong into no URI, and came anyway
    needs_a_length = False      # of nothing, where a method usually has a body

    def prepare(self):
        self.log = self.write("seen.jsonl", "")
        self.program_file = self.write(self.program, (PROGRAMS / self.program).read_text())
        self._mark = 0
        self.helpers = []

    def environment(self):
        return {}

    def start(self):
        assert not self.running(), f"{self.name} runs already"
        self.start_helpers()
        self.process = self.launch(self.command())

        def up():
            assert self.process.running(), f"{self.name} ended at once:\n{self.process.output()}"
            return answers(self.port)
        wait_until(up, f"{self.name} to listen", self.ready_within)
        self.url = f"http://127.0.0.1:{self.port}"
        answer = self.ask("GET", "/ready")  # some compile their program now
        assert (answer.status, answer.body) == (200, b"seen"), f"{answer}\n{self.process.output()}"
        self.forget()

    def start_helpers(self):
        """What has to run beside it."""

    def launch(self, command):
        # A session of its own: Apache ends its whole group of processes, which else has all servers of that user in it.
        environment = {**os.environ, "SEEN": str(self.log), "HOME": str(self.folder), **self.environment()}
        return Process(command, self.name, cwd=self.folder, env=environment, start_new_session=True,
                       **unprivileged())

    def stop(self):
        super().stop()
        while self.helpers:
            self.helpers.pop().stop()

    def ask(self, method, target, fields=(), body=None, **more):
        """One request without a gateway."""
        with RawClient(self.port, timeout=60) as client:
            return client.exchange(method, target, fields, body, **more)

    # ---- what it saw ----

    def seen(self):
        """All requests since forget(), in order."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [Seen(line["method"], line["target"], line["path"], line["area"],
                     [tuple(field) for field in line["fields"]],
                     (line["length"], line.get("sha256", line.get("adler32"))),
                     [tuple(field) for field in line.get("looked_at", [])]) for line in lines[self._mark:]]

    def forget(self):
        self._mark = len(self.log.read_text().splitlines())

    def facts_of(self, body):
        """What the program tells of this body."""
        return len(body), hashlib.sha256(body).hexdigest()


class RealServerWithAdler(RealServer):
    """Its language has no better digest."""

    def facts_of(self, body):
        return len(body), zlib.adler32(body)
