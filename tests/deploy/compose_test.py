"""deploy/compose: there is no compose program here, so its services are started one by one, by podman, as the file
says. PostgreSQL and Redis are Debian's, in the place of the published images."""

import json
import os
import re
import shutil
import subprocess

import pytest
import yaml

from containers import Container, ROOT
from containers.engine import OWNER
from containers.pods import Pod, unique
from harness.auth_client import AuthClient
from harness.pages import snippet
from harness.raw_client import RawClient
from harness.shell import Shell
from harness.waiting import wait_until

FOLDER = ROOT / "deploy" / "compose"

# Of the compose specification, what the file may use.
SERVICE_KEYS = {"build", "image", "restart", "ports", "volumes", "secrets", "depends_on", "read_only", "cap_drop", "security_opt",
                "stop_grace_period", "environment", "command", "healthcheck"}


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((FOLDER / "compose.yaml").read_text())


@pytest.fixture(scope="session")
def stand_ins(engine, gatehouse_image, orders_image):
    """What is run in the place of each image that the file names."""
    folder = ROOT / "tests" / "deploy" / "images"
    made = {name: engine.build(f"localhost/{name}:test", folder / f"{name}.Dockerfile", folder, timeout=600)
            for name in ("postgres", "redis")}
    return {"gatehouse": gatehouse_image, "traefik/whoami:v1.10": orders_image, "postgres:15": made["postgres"],
            "redis:7": made["redis"]}


def test_the_file_is_what_compose_reads(compose):
    assert set(compose) == {"name", "services", "volumes", "secrets"}
    for name, service in compose["services"].items():
        assert set(service) <= SERVICE_KEYS, name
        assert set(service.get("secrets", [])) <= set(compose["secrets"]), name
        named = {volume.split(":")[0] for volume in service.get("volumes", []) if not volume.startswith(".")}
        assert named <= set(compose["volumes"]), name
        assert set(service.get("depends_on", {})) <= set(compose["services"])
        for needed, how in service.get("depends_on", {}).items():
            assert how != {"condition": "service_healthy"} or "healthcheck" in compose["services"][needed]


def test_only_the_gateway_can_be_reached(compose):
    assert [name for name, service in compose["services"].items() if "ports" in service] == ["gateway"]


def test_no_secret_is_in_the_file(compose):
    assert all(set(secret) == {"file"} and secret["file"].startswith("./secrets/") for secret in compose["secrets"].values())
    assert not re.search(r"(?i)password\s*[:=]\s*[^$\s/{]", re.sub(r"#.*", "", (FOLDER / "compose.yaml").read_text()))
    ignored = subprocess.run(["git", "-c", "safe.directory=*", "check-ignore", "deploy/compose/secrets/sealing_secret"],
                             cwd=ROOT, capture_output=True)
    assert ignored.returncode == 0, "git would take the secrets"


@pytest.fixture
def folder(tmp_path):
    """The folder as somebody has it who typed what docs/DEPLOY.md shows."""
    copy = tmp_path / "deploy" / "compose"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("secrets"))
    Shell(tmp_path, programs={"docker": '[ "$*" = "compose up" ] && touch started'}).type(snippet("docs/DEPLOY.md", "docker compose up"))
    assert (copy / "started").exists(), "the others start the services in its place"
    for folder in (tmp_path, copy.parent):
        folder.chmod(0o755)
    return copy


def test_secrets_are_made_once(folder):
    before = {file.name: file.read_text() for file in (folder / "secrets").iterdir()}
    assert len(set(before.values())) == 3 and all(len(text.strip()) >= 32 for text in before.values())
    subprocess.run([folder / "make-secrets"], check=True)
    assert {file.name: file.read_text() for file in (folder / "secrets").iterdir()} == before


class Services:
    """The services of the file in one pod, where each is found under its name."""

    def __init__(self, engine, compose, folder, images):
        self.engine, self._compose, self._folder, self._images = engine, compose, folder, images
        self.name = unique("compose")
        self.containers = {}
        self._hosts = folder.parent / "hosts"
        self._hosts.write_text("127.0.0.1 localhost " + " ".join(compose["services"]) + "\n")
        self._call("pod", "create", "--name", self.name, "--network", "none", "--label", f"{OWNER}={os.getpid()}")
        self._call("pod", "start", self.name)
        infra = json.loads(self._call("pod", "inspect", self.name))["InfraContainerID"]
        self.address = Pod.link(engine, Container(engine, infra).pid)

    def _call(self, *words):
        return self.engine.podman(*words).stdout

    def start(self, name):
        service = self._compose["services"][name]
        options = ["--pod", self.name, "--volume", f"{self._hosts}:/etc/hosts:ro"]
        for variable, value in service.get("environment", {}).items():
            options += ["--env", f"{variable}={value}"]
        for secret in service.get("secrets", []):
            options += ["--volume", f"{self._folder / self._compose['secrets'][secret]['file']}:/run/secrets/{secret}:ro"]
        for volume in service.get("volumes", []):
            source, _, rest = volume.partition(":")
            own = f"{self._folder / source}" if source.startswith(".") else f"{self.name}-{source}"
            options += ["--volume", f"{own}:{rest}"]
        options += ["--read-only", "--read-only-tmpfs=false"] if service.get("read_only") else []
        options += [word for drop in service.get("cap_drop", []) for word in ("--cap-drop", drop)]
        options += ["--security-opt", "no-new-privileges"] if service.get("security_opt") == ["no-new-privileges:true"] else []
        if name == "app":  # the stand-in does not know by itself where the published image listens
            options += ["--user", "0", "--env", "HOST=0.0.0.0", "--env", "PORT=80"]
        command = [word.replace("$$", "$") for word in service.get("command", [])]
        self.containers[name] = self.engine.start(self._images[service["image"]], *command, options=options)
        if "healthcheck" in service:
            kind, *words = (word.replace("$$", "$") for word in service["healthcheck"]["test"])
            words = ["sh", "-c", *words] if kind == "CMD-SHELL" else words
            wait_until(lambda: self.containers[name].exec(*words, check=False).returncode == 0, f"{name} to be healthy", 60)

    def secret(self, name):
        return (self._folder / "secrets" / name).read_text().strip()

    def connect(self):
        return RawClient(8080, host=self.address)

    def ask(self, method, target, fields=(), body=None, **more):
        with self.connect() as client:
            return client.exchange(method, target, fields, body, **more)

    def wait_until_ready(self):
        gateway = self.containers["gateway"]

        def ready():
            assert gateway.running(), gateway.logs()
            return gateway.exec("gatehouse", "health", "--ready", check=False).returncode == 0
        wait_until(ready, "the gateway to be ready", 60)

    def remove(self):
        self.engine.podman("pod", "rm", "--force", "--time", "0", self.name, check=False)
        for volume in self._compose["volumes"]:
            self.engine.podman("volume", "rm", "--force", f"{self.name}-{volume}", check=False)


@pytest.fixture
def services(engine, compose, folder, stand_ins):
    running = Services(engine, compose, folder, stand_ins)
    yield running
    running.remove()


def test_the_whole_set_runs(services):
    for name in ("postgres", "redis", "app", "gateway"):
        services.start(name)
    services.wait_until_ready()
    auth = AuthClient(services)
    pair = auth.register("ada")
    answer = services.ask("GET", "/orders", list(pair.bearer.items()))
    assert (answer.status, answer.json()["user"]) == (200, pair.user_id)
    assert services.ask("GET", "/orders").status == 401
    assert services.ask("GET", "/public/x").json()["user"] is None

    accounts = services.containers["postgres"].exec(
        "psql", "-h", "127.0.0.1", "-U", "gatehouse", "-d", "gatehouse", "-Atc", "SELECT count(*) FROM gatehouse.users",
        options=["--env", f"PGPASSWORD={services.secret('postgres_password')}"])
    assert accounts.stdout.strip() == "1", "accounts are in PostgreSQL"
    keys = services.containers["redis"].exec(
        "redis-cli", "dbsize", options=["--env", f"REDISCLI_AUTH={services.secret('redis_password')}"])
    assert int(re.search(r"\d+", keys.stdout)[0]) > 0, "sessions are in Redis"

    services.containers["gateway"].remove()
    services.start("gateway")
    services.wait_until_ready()
    assert services.ask("GET", "/orders", list(pair.bearer.items())).status == 200, "keys and sessions outlive the gateway"
    assert auth.refresh(pair).user_id == pair.user_id
