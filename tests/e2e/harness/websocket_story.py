"""A client of npm's `ws`, which tells a story of a WebSocket."""

import json
import os
import pathlib
import subprocess

CLIENT = pathlib.Path(__file__).resolve().parents[1] / "clients" / "websocket.cjs"


class Story:
    """One of the client's stories, while it is told. `authority` is whom it trusts over TLS."""

    def __init__(self, story, url, token, authority=None):
        trusted = {"NODE_EXTRA_CA_CERTS": str(authority.certificate)} if authority else {}
        self._process = subprocess.Popen(["node", CLIENT, story, url, token], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         stderr=subprocess.PIPE, text=True, env={**os.environ, **trusted})

    def next(self):
        line = self._process.stdout.readline()
        assert line, self._process.communicate()[1]
        return json.loads(line)

    def go_on(self):
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def end(self):
        """Nothing more was told, and nothing went wrong."""
        out, problems = self._process.communicate(timeout=60)
        assert (self._process.returncode, out, problems) == (0, "", "")
