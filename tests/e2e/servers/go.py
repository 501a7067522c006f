"""Go's net/http with its own ServeMux."""

import hashlib
import os
import subprocess

from harness.gateway import ROOT

from .real_server import PROGRAMS, RealServer


def built(source):
    """The program, built from the standard library alone, once for each version of the source."""
    folder = ROOT / "build" / "e2e"
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / f"seen-{hashlib.sha256(source.read_bytes()).hexdigest()[:16]}"
    if not program.exists():
        made = program.with_suffix(f".{os.getpid()}")
        subprocess.run(["go", "build", "-o", made, source], check=True, timeout=300,
                       env={**os.environ, "GOPROXY": "off", "GOFLAGS": "-mod=mod", "GO111MODULE": "off",
                            "GOCACHE": str(folder / "go-cache")})
        made.rename(program)
    return program


class Go(RealServer):
    name = "go"
    program = "seen.go"
    trailers = hints = True

    def command(self):
        return [built(PROGRAMS / self.program), self.port]
