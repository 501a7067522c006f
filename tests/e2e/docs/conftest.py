"""Fixtures for what pages show: one gateway is enough, and what was started goes with the test."""

import pytest

from harness.process import Process
from harness.shell import Shell


@pytest.fixture
def workers():
    """Other tests look at every number of workers."""
    return 1


@pytest.fixture
def shell(tmp_path):
    """A function that opens a shell in a folder; lines that go on are started by `shell.start`."""
    started = []

    def start(shell, line, **environment):
        started.append(Process(["bash", "-c", f"exec {shell.here(line)}"], line.split()[0], cwd=shell.folder,
                               env={**shell.environment, **environment}))
        return started[-1]

    def open_one(folder=tmp_path, **options):
        return Shell(folder, **options)

    open_one.start = start
    yield open_one
    for process in reversed(started):
        process.stop()


@pytest.fixture
def shell_of(shell):
    """A function: a shell in the folder of a running gateway, with its ports in the place of the usual ones."""
    def open_one(gateway, replaced=None, **options):
        ports = {"localhost:8080": f"127.0.0.1:{gateway.port}", "localhost:9901": f"127.0.0.1:{gateway.admin_port}",
                 "127.0.0.1:9901": f"127.0.0.1:{gateway.admin_port}"}
        return shell(gateway.folder, replaced={**ports, **(replaced or {})}, **options)
    return open_one
