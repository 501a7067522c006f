"""Fixtures of the counting gates: the same gateway as in the end-to-end tests."""

import pathlib
import sys

import pytest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "e2e"))

from harness import Gateway, RawBackend  # noqa: E402


@pytest.fixture(params=[1, 4], ids=["1 worker", "4 workers"])
def workers(request):
    return request.param


@pytest.fixture
def backend():
    running = RawBackend()
    yield running
    running.stop()


@pytest.fixture
def start_gateway(tmp_path, workers, backend):
    started = []

    def start(**settings):
        gateway = Gateway(tmp_path / "gateway", backend, workers=workers, **settings)
        started.append(gateway)
        return gateway

    yield start
    for gateway in started:
        gateway.stop()
