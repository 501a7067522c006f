"""Fixtures of the end-to-end tests: each test starts what it needs and everything ends with it."""

import itertools

import pytest

from harness import ExpressService, FileService, Gateway, NodeService, RawBackend


@pytest.fixture(params=[1, 4], ids=["1 worker", "4 workers"])
def workers(request):
    """Every test that starts a gateway runs with one worker and with four."""
    return request.param


def pytest_generate_tests(metafunc):
    """A module that says ALSO_IN_COMPANY meets gateways that are alone with its requests, and
    gateways with other requests under way."""
    if "company" in metafunc.fixturenames:
        both = getattr(metafunc.module, "ALSO_IN_COMPANY", False)
        metafunc.parametrize("company", [False, True] if both else [False],
                             ids=["alone", "in company"] if both else [""])


@pytest.fixture
def backend():
    """A raw backend that answers well until the test says otherwise."""
    running = RawBackend()
    yield running
    running.stop()


@pytest.fixture
def start_gateway(tmp_path, workers, company):
    """A function that starts a gateway: start_gateway(upstream, section={...}). What it started is
    stopped after the test, must then exit with 0, and must have reported nothing."""
    started, numbers = [], itertools.count(1)

    def start(upstream=None, **settings):
        settings.setdefault("workers", workers)
        gateway = Gateway(tmp_path / f"gateway-{next(numbers)}", upstream, **settings)
        started.append(gateway)
        if company:
            gateway.keep_company()
        return gateway

    yield start
    for gateway in started:
        gateway.stop()


@pytest.fixture
def gateway(start_gateway, backend):
    """A gateway with the default configuration in front of `backend`."""
    return start_gateway(backend)


@pytest.fixture(scope="session")
def express():
    service = ExpressService()
    yield service
    service.stop()


@pytest.fixture(scope="session")
def file_service(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    (folder / "report.txt").write_text("all is well\n")
    service = FileService(folder)
    service.folder = folder
    yield service
    service.stop()


@pytest.fixture(scope="module")
def chat():
    """A service that speaks WebSocket and socket.io, and remembers who came."""
    service = NodeService("websocket.cjs", {})
    yield service
    service.stop()


def pytest_terminal_summary(terminalreporter):
    """Figures that a test wants to be read also when it passes."""
    told = [text for reports in terminalreporter.stats.values() for report in reports
            for name, text in getattr(report, "user_properties", []) if name in ("figure", "lost requests")]
    for line in sorted(set(told)):
        terminalreporter.write_line(line)
