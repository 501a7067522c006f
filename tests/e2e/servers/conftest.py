"""One server after the other, each in one process of the tests, and a gateway before it."""

import pytest

from corpus import paths
from servers import SERVERS


@pytest.fixture
def workers():
    """One, so that what follows takes the same connection upstream."""
    return 1


@pytest.fixture(scope="session", params=[pytest.param(kind, id=kind.name, marks=pytest.mark.xdist_group(kind.name))
                                         for kind in SERVERS])
def running(request):
    with request.param() as server:
        yield server


@pytest.fixture
def server(running):
    """It has seen nothing yet."""
    running.forget()
    yield running
    assert running.running(), f"{running.name} is gone ({running.process.wait()}):\n{running.process.output()}"


def routes_to(url):
    return [*paths.routes_to(url), {"match": "/optional/**", "auth": "optional", "to": url}, {"match": "/**", "to": url}]


@pytest.fixture
def gateway(start_gateway, server):
    return start_gateway(routes=routes_to(server.url))
