"""docs/DEPLOY.md: what it shows is run, or rendered, as it stands there."""

import http.client
import os
import re
import shlex
import ssl
import subprocess

import pytest

from containers import ROOT, Container
from containers.engine import OWNER
from containers.gatehouse import GatehouseContainer
from containers.manifests import FOLDER, rendered, why_no_kustomize
from harness import RawBackend, wait_until
from harness.certificates import Authority
from harness.nginx import Nginx
from harness.pages import snippet
from harness.ports import free_port

PAGE = (ROOT / "docs" / "DEPLOY.md").read_text()


def test_the_container_is_handled_as_shown(engine, gatehouse_image):
    """docker's words are podman's; the image is ours already, and the network is not needed."""
    lines = [shlex.split(line) for line in snippet("docs/DEPLOY.md", "docker build").splitlines()]
    build, run, *rest = lines
    assert build == ["docker", "build", "-t", "gatehouse", "-f", "deploy/container/Dockerfile", "."]
    words = run[run.index("run") + 1:]
    assert words[-1] == "gatehouse" and words[:3] == ["-d", "--name", "gateway"]
    del words[words.index("-p"):words.index("-p") + 2]
    words = [word.replace("gatehouse:/var", "deploy-docs:/var") for word in words[3:-1]]
    started = engine.podman("run", "-d", "--pull=never", "--label", f"{OWNER}={os.getpid()}", "--network", "none", *words, gatehouse_image)
    gateway = Container(engine, started.stdout.strip())
    try:
        wait_until(lambda: gateway.exec("gatehouse", "health", check=False).returncode == 0, "it to be up", 30)
        for line in rest[:-1]:
            assert line[:3] == ["docker", "exec", "gateway"]
            wait_until(lambda: gateway.exec(*line[3:], check=False).returncode == 0, " ".join(line), 30)
        assert rest[-1] == ["docker", "stop", "-t", "35", "gateway"]
        assert gateway.stop(35) == 0
    finally:
        gateway.remove()
        engine.podman("volume", "rm", "--force", "deploy-docs", check=False)


@pytest.mark.skipif(bool(why_no_kustomize()), reason=why_no_kustomize() or "no reason")
def test_the_folders_it_names_are_the_folders_there_are():
    named = re.findall(r"^\| `deploy/kubernetes/([\w.-]+)` \|", PAGE, re.MULTILINE)
    assert all(rendered(FOLDER / name) for name in named) and len(named) == 4
    assert {"base", "app", "components", *named} == {path.name for path in FOLDER.iterdir()}


@pytest.mark.skipif(bool(why_no_kustomize()), reason=why_no_kustomize() or "no reason")
@pytest.mark.parametrize("block, keys", [
    (snippet("docs/DEPLOY.md", "secret generic gatehouse "), {"sealing-secret", "postgres-password"}),
    (snippet("docs/DEPLOY.md", "secret generic gatehouse-keys "), {"access-active.pem", "refresh-active"}),
    (snippet("docs/DEPLOY.md", "secret generic gatehouse-admin "), {"token"})],
    ids=["gatehouse", "gatehouse-keys", "gatehouse-admin"])
def test_the_secrets_are_made_as_shown(block, keys, tmp_path):
    """kubectl makes them without a cluster too, and then prints what it would send."""
    block = block.replace("kubectl create", "kubectl create --dry-run=client --output=yaml")
    done = subprocess.run(["bash", "-euc", block], capture_output=True, text=True, cwd=tmp_path, timeout=60,
                          env={"PATH": "/usr/bin:/bin:/usr/local/bin", "PASSWORD": "secret", "HOME": str(tmp_path)})
    assert done.returncode == 0, done.stderr
    made = done.stdout[done.stdout.index("apiVersion"):]
    assert set(re.findall(r"^  ([\w.-]+): \S+$", made.partition("kind:")[0], re.MULTILINE)) == keys


def test_nginx_in_front_is_believed(start, gatehouse_image, tmp_path):
    """The server block as it stands there, with ports and files of the test's own."""
    backend = RawBackend()
    gateway = GatehouseContainer(start, upstream=backend, trusted_proxies=["127.0.0.1/32"])
    authority, port = Authority(tmp_path), free_port()
    certificate, key = authority.issue("server")
    nginx = Nginx(tmp_path, snippet("docs/DEPLOY.md", "proxy_pass"), port, {
        "8443": f"127.0.0.1:{port}", "127.0.0.1:8080": f"127.0.0.1:{gateway.port}",
        "/etc/nginx/tls/server.pem": certificate, "/etc/nginx/tls/server.key": key})
    try:
        pair = gateway.auth().register("ada")
        trust = ssl.create_default_context(cafile=str(authority.certificate))

        asking = http.client.HTTPSConnection("127.0.0.1", port, context=trust, timeout=10)
        lies = dict.fromkeys(("X-Forwarded-Prefix", "X-Original-URL", "X-Original-URI", "X-Rewrite-URL", "X-Real-IP"), "/a-lie")
        asking.request("GET", "/orders", headers={**pair.bearer, **lies, "X-Forwarded-For": "1.2.3.4"})
        assert asking.getresponse().status == 200
        seen = backend.requests[-1]
        assert seen.all("X-User-Id") == [pair.user_id]
        assert seen.all("X-Forwarded-Proto") == ["https"]
        assert "1.2.3.4" not in "".join(seen.all("X-Forwarded-For"))
        assert b"a-lie" not in seen.raw_head
    finally:
        nginx.stop()
        backend.stop()
