"""Fixtures of the deployment tests. Where no container can be run, they skip and say why."""

import pathlib
import shutil
import tempfile

import pytest

from containers import Engine, ROOT, debian_image, gatehouse, why_not
from containers.package import make_package
from containers.pods import why_no_cable
from harness.postgres import Postgres
from harness.server import give_away


@pytest.fixture(scope="session")
def engine():
    """buildah and podman, once a container has really been run with them."""
    engine = Engine()
    reason = why_not(engine)
    if reason:
        pytest.skip(reason)
    engine.sweep()
    return engine


@pytest.fixture(scope="session")
def cable(engine):
    """Pods can be reached from here."""
    reason = why_no_cable(engine)
    if reason:
        pytest.skip(reason)


@pytest.fixture(scope="session")
def debian(engine):
    """The name of the base image; the first test ever to ask waits until it is made."""
    return debian_image(engine)


@pytest.fixture(scope="session")
def gatehouse_image(engine):
    """The name of our image, built from this tree."""
    return gatehouse.gatehouse_image(engine)


@pytest.fixture(scope="session")
def orders_image(engine, debian):
    """The name of an application that stands behind gateways."""
    folder = ROOT / "tests" / "deploy" / "images" / "orders"
    return engine.build("localhost/orders:test", folder / "Dockerfile", folder, timeout=600)


@pytest.fixture(scope="session")
def package(tmp_path_factory):
    """The path of the package of this tree."""
    return make_package(tmp_path_factory.mktemp("package"))


@pytest.fixture(scope="session")
def report_image(engine, debian):
    """The name of what a Job runs."""
    folder = ROOT / "tests" / "deploy" / "images" / "report"
    return engine.build("localhost/report:test", folder / "Dockerfile", folder, timeout=600)


@pytest.fixture
def database():
    """A PostgreSQL whose socket lies in a folder that is lent to pods: they have no network but the cable to us."""
    sockets = pathlib.Path(tempfile.mkdtemp(prefix="gatehouse-sockets-"))
    sockets.chmod(0o755)
    give_away(sockets)
    with Postgres(unix_socket_directories=sockets) as server:
        server.sockets = sockets
        yield server
    shutil.rmtree(sockets)


@pytest.fixture
def volume(engine):
    """The name of a volume that is gone after the test."""
    name = engine.podman("volume", "create").stdout.strip()
    yield name
    engine.podman("volume", "rm", "--force", name, check=False)


@pytest.fixture
def start(engine):
    """A function that starts containers, start(image, *command, options=[...]); they go with the test."""
    started = []

    def start_one(image, *command, options=()):
        started.append(engine.start(image, *command, options=options))
        return started[-1]

    yield start_one
    for container in reversed(started):
        container.remove()


def pytest_terminal_summary(terminalreporter):
    """Figures that are worth reading also when the test passes."""
    told = [text for reports in terminalreporter.stats.values() for report in reports
            for name, text in getattr(report, "user_properties", []) if name == "figure"]
    for line in sorted(set(told)):
        terminalreporter.write_line(line)
