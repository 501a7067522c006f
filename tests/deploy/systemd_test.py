"""The unit, as systemd itself judges it."""

import re
import subprocess

import pytest

from containers import ROOT

UNITS = ROOT / "deploy" / "systemd"
BINARY = ROOT / "build" / "release" / "gatehouse"

# 10 is a service that may do everything, 0 one that can do nothing. Most of what is left is that it
# talks to the network.
WORST_EXPOSURE = 2.0


@pytest.fixture
def units(tmp_path):
    """In a folder, for the binary that was built."""
    for unit in UNITS.iterdir():
        (tmp_path / unit.name).write_text(unit.read_text().replace("/usr/bin/gatehouse", str(BINARY)))
    return [str(tmp_path / unit.name) for unit in UNITS.iterdir()]


def judged(*words):
    return subprocess.run(["systemd-analyze", *words], capture_output=True, text=True, timeout=60)


def test_systemd_finds_nothing_wrong_with_the_unit(units):
    done = judged("verify", "--man=no", *units)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "")


def test_the_service_is_not_exposed(units):
    service = next(unit for unit in units if unit.endswith(".service"))
    done = judged("security", "--offline=true", "--no-pager", service)
    exposure = re.search(r"Overall exposure level for gatehouse.service: ([\d.]+)", done.stdout)
    assert exposure and float(exposure[1]) <= WORST_EXPOSURE, done.stdout + done.stderr
