"""Lines that a page tells people to type, typed."""

import os
import pathlib
import re
import subprocess
import tempfile
from dataclasses import dataclass

from .gateway import BINARY

COMMENT = re.compile(r"\s+# (?P<said>.*)$")
ANSWER = re.compile(r"(?P<status>[1-5]\d\d)(?: (?P<code>[a-z_]+))?\b")


@dataclass
class Step:
    """One line, what the page says about it, and what came of it."""
    line: str
    said: str
    status: int
    output: str
    errors: str


def lines_of(text):
    """Line and comment of each command; a backslash at the end goes on in the next line."""
    for line in re.sub(r"\\\n\s*", "", text).splitlines():
        comment = COMMENT.search(line)
        line = COMMENT.sub("", line)
        if line.strip() and not line.startswith("#"):
            yield line, comment["said"] if comment else ""


class Shell:
    """A folder in which `gatehouse` is the built program. `replaced` are places and ports of a page and what stands for
    them here; `programs` are scripts under the names of programs that are not at hand."""

    def __init__(self, folder, replaced=None, programs=None, environment=None):
        self.folder = pathlib.Path(folder)
        self.replaced = {"build/release/gatehouse": "gatehouse", **(replaced or {})}
        self._bin = tempfile.TemporaryDirectory(prefix="gatehouse-shell-")
        (pathlib.Path(self._bin.name) / "gatehouse").symlink_to(BINARY)
        for name, script in (programs or {}).items():
            file = pathlib.Path(self._bin.name) / name
            file.write_text(f"#!/bin/sh\n{script}\n")
            file.chmod(0o755)
        self.environment = {**os.environ, "PATH": f"{self._bin.name}:{os.environ['PATH']}", **(environment or {})}

    def here(self, text):
        """The text with what stands for its places."""
        for theirs, ours in self.replaced.items():
            text = text.replace(theirs, ours)
        return text

    def type(self, text, may_fail=()):
        """Types the block into one bash, line by line. Each has to end well, unless a word of `may_fail` stands in it, and
        to bring the answer that its comment says (`# 401 token_missing`)."""
        typed = [(self.here(line), said) for line, said in lines_of(text)]
        with tempfile.TemporaryDirectory(prefix="gatehouse-typed-") as kept:
            script = "".join(f"{{ {line}\n}} >{kept}/{number}.out 2>{kept}/{number}.err; echo $? >{kept}/{number}.status\n"
                             for number, (line, _) in enumerate(typed))
            subprocess.run(["bash", "-c", script], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
                           timeout=120, check=True)
            steps = [Step(line, said, *results(pathlib.Path(kept), number)) for number, (line, said) in enumerate(typed)]
        for step in steps:
            assert step.status == 0 or any(word in step.line for word in may_fail), step
            answer = ANSWER.match(step.said)
            if answer:
                assert f"HTTP/1.1 {answer['status']} " in step.output and (answer["code"] or "") in step.output, step
        return steps


def results(folder, number):
    read = {kind: (folder / f"{number}.{kind}").read_text() for kind in ("status", "out", "err")}
    return int(read["status"]), read["out"], read["err"]
