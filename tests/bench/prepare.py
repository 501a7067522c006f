"""What has to be there before anything is measured."""

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

from paths import ROOT, TESTS, TREE


def prepare(programs, with_node=False):
    """Installs what they need and builds them; says nothing when that is done already."""
    quiet = {"cwd": ROOT, "check": True, "stdout": subprocess.DEVNULL}
    subprocess.run(["deploy/install", "deploy/packages", "tests/packages"], **quiet)
    if with_node and not (TESTS / "node_modules").exists():
        subprocess.run(["npm", "ci", "--prefix", TESTS, "--ignore-scripts", "--no-audit", "--no-fund"], **quiet)
    subprocess.run(["cmake", "--preset", "release", "-DGATEHOUSE_TESTS=ON"], **quiet)
    jobs = subprocess.run(["deploy/jobs"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
    subprocess.run(["cmake", "--build", TREE, "-j", jobs, "--target", *programs], **quiet)


@contextmanager
def scratch_folder():
    """A folder that is gone afterwards; servers, which work as another user, may enter it."""
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=ROOT / "build"))
    os.chmod(folder, 0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
