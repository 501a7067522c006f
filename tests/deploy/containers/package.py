"""The Debian package of this tree."""

import re
import subprocess

from harness.pages import snippet
from harness.shell import Shell, lines_of

from .engine import ROOT


def make_package(folder):
    """Its path, made as docs/PACKAGES.md shows, but for where it lies."""
    build, pack, install = [line for line, _ in lines_of(snippet("docs/PACKAGES.md", "cpack -G DEB"))]
    assert build == "cmake --preset release && cmake --build --preset release", "tests/run has done that"
    Shell(ROOT).type(pack.replace("cpack -G DEB", f"cpack -G DEB -B {folder}"))
    [file] = folder.glob("*.deb")
    assert install == f"sudo apt install ./build/release/{file.name}"
    return file


def needs_of(package):
    """The names of the packages that it depends on."""
    depends = subprocess.run(["dpkg-deb", "-f", package, "Depends"], capture_output=True, text=True, check=True).stdout
    return sorted(set(re.findall(r"(?:^|, )([a-z0-9.+-]+)", depends.strip())))
