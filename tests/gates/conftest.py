"""Fixtures of the counting gates: the same gateway as in the end-to-end tests, and what every gate
measured, at the end of the log whether it held or not."""

import pytest

from gate import hold, sentence
from harness import Gateway, RawBackend


@pytest.fixture
def gate(record_property):
    """`gate(measured, unit, at_most=...)` fails above it and says by how much."""
    def check(measured, unit, at_most):
        record_property("gate", sentence(measured, unit, at_most))
        hold(measured, unit, at_most)
    return check


def pytest_terminal_summary(terminalreporter):
    reports = [report for outcome in ("passed", "failed") for report in terminalreporter.stats.get(outcome, [])]
    told = [(line, report.nodeid) for report in reports for kind, line in report.user_properties if kind == "gate"]
    if told:
        terminalreporter.section("gates")
    for line, test in sorted(told, key=lambda one: one[1]):
        variant = test.partition("[")[2].removesuffix("]")
        terminalreporter.line(f"{line} ({variant})" if variant else line)


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
    """Each in a folder of its own, as on its first day."""
    started = []

    def start(**settings):
        gateway = Gateway(tmp_path / f"gateway-{len(started)}", backend, workers=workers, **settings)
        started.append(gateway)
        return gateway

    yield start
    for gateway in started:
        gateway.stop()
