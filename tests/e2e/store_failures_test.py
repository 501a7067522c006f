"""The disk under the store fails while people register, refresh and sign out. Verified traffic does
not notice; auth calls succeed or are refused within a second; when the disk is well again, so is the
gateway, by itself; and nothing that was acknowledged is lost, nothing that ended is back."""

import contextlib
import signal
import time

import pytest

from harness import wait_until
from harness.disk import SmallDisk, read_only, tampered
from harness.oracle import SETTINGS, Oracle
from harness.traffic import VerifiedTraffic

CLIENTS = 8
RECOVERY = 10.0  # seconds
SLOWEST = 6.0  # a second is the promise; a busy machine takes its time too


def readiness(gateway):
    status, body = gateway.admin("/readyz")
    assert status == 200
    return body


def survive(gateway, fault, refuses=True):
    """Work, a fault, and work again; returns the oracle, which has judged."""
    oracle = Oracle(CLIENTS)
    with VerifiedTraffic([gateway], gateway.auth().register("ada")), oracle.at_work([gateway]) as shift:
        shift.wait_for_effects(200)
        assert oracle.unanswered == []
        with fault:
            if refuses:
                wait_until(lambda: oracle.surprises or len(oracle.refused) >= 3 * CLIENTS, "refusals")
                wait_until(lambda: "degraded" in readiness(gateway), "/readyz that says so")
            else:
                shift.wait_for_effects(3 * CLIENTS, timeout=30)
        began = time.monotonic()
        shift.wait_for_effects(200, timeout=RECOVERY)
    assert time.monotonic() - began < RECOVERY
    wait_until(lambda: readiness(gateway) == "ready\n", "/readyz that says that all is well")
    assert oracle.slowest < SLOWEST
    assert len(oracle.refused) == len(oracle.unanswered), "a connection was cut"
    oracle.judge([gateway])
    return oracle


def survive_and_restart(gateway, fault, **more):
    oracle = survive(gateway, fault, **more)
    gateway.kill()
    gateway.start()
    oracle.judge([gateway], sample=100)


def test_a_full_disk(start_gateway, backend, tmp_path):  # R63
    with SmallDisk(tmp_path / "disk") as disk:
        gateway = start_gateway(backend, command_prefix=disk.command_prefix,
                                store=f"sqlite:{disk.folder}/gatehouse.db", **SETTINGS)
        disk.seen_by(gateway.pid)
        oracle = survive(gateway, disk.full())
        # What another gateway finds, when this one is gone without a word.
        gateway.kill()
        disk.copy_to(tmp_path / "copy")
    gateway.command_prefix = []
    gateway.settings["store"] = f"sqlite:{tmp_path}/copy/gatehouse.db"
    gateway.start()
    oracle.judge([gateway], sample=100)


@pytest.mark.parametrize("calls, what", [("pwrite64", "error=EROFS"), ("pwrite64", "error=EIO"), ("fdatasync", "error=EIO")],
                         ids=["became read-only", "cannot be written", "cannot be synced"])
def test_a_disk_that(start_gateway, backend, calls, what):
    gateway = start_gateway(backend, **SETTINGS)
    survive_and_restart(gateway, tampered(gateway.pid, calls, what))


def test_a_disk_that_takes_a_quarter_of_a_second_for_each_commit(start_gateway, backend):
    gateway = start_gateway(backend, **SETTINGS)
    oracle = survive(gateway, tampered(gateway.pid, "fdatasync", "delay_enter=250000"), refuses=False)
    assert oracle.slowest > 0.2, "the disk was not slow"


def test_a_disk_that_takes_seconds_for_each_commit(start_gateway, backend):
    gateway = start_gateway(backend, **SETTINGS)
    survive_and_restart(gateway, tampered(gateway.pid, "fdatasync", "delay_enter=3000000"))


def test_a_gateway_does_not_start_on_a_store_it_could_never_write(start_gateway, backend):
    gateway = start_gateway(backend)
    pair = gateway.auth().register("ada")
    gateway.stop()
    gateway.command_prefix = read_only(gateway.folder)
    gateway.start(wait=False)
    assert gateway.process.wait() == 2
    assert "gatehouse.db" in gateway.process.output() and "read" in gateway.process.output().lower()
    gateway.command_prefix = []
    gateway.start()
    assert gateway.auth().refresh(pair).user_id == pair.user_id
