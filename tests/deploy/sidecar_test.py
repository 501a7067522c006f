"""deploy/kubernetes/sidecar, really played: the application is reached through the gateway or not at all, a changed
ConfigMap is obeyed, and a rolling restart loses nothing."""

import http.client
import json
import os
import signal
import threading

import pytest
import yaml

from containers.manifests import FOLDER, of_kind, pod_of, rendered, why_no_kustomize
from containers.pods import Pod, ProjectedFolder, lend_database, played, unique
from harness.auth_client import PASSWORD
from harness.gateway import CHEAP_PASSWORDS, NO_THROTTLE
from harness.waiting import wait_until

pytestmark = pytest.mark.skipif(bool(why_no_kustomize()), reason=why_no_kustomize() or "no reason")

CLIENTS = 4


@pytest.fixture
def play(engine, cable, gatehouse_image, orders_image, database):
    """A function that plays one more pod of the Deployment; they share a database, as replicas do."""
    objects = rendered(FOLDER / "sidecar")
    pod = pod_of(of_kind(objects, "Deployment", "orders"))
    config = yaml.safe_load(of_kind(objects, "ConfigMap", "gatehouse")["data"]["gatehouse.yaml"])
    # The database is next door and not in the cluster; passwords are cheap and nobody is slowed down.
    config |= {"store": f"postgres://gatehouse@/gatehouse?host=/run/postgresql&port={database.port}",
               "passwords": CHEAP_PASSWORDS, "throttle": NO_THROTTLE}
    folders = {"gatehouse-config": ProjectedFolder({"gatehouse.yaml": json.dumps(config)}),
               "gatehouse-secrets": ProjectedFolder({"postgres-password": database.password})}
    images = {"gatehouse": gatehouse_image, "orders": orders_image}
    pods = []

    def play_one():
        manifest = played(pod, unique("orders"), images, {name: folder.path for name, folder in folders.items()},
                          {"sealing-secret": "s" * 40})
        lend_database(manifest["spec"], database.sockets)
        pods.append(Pod(engine, manifest))
        wait_until(lambda: ready(pods[-1]), "the pod to be ready", 60)
        return pods[-1]

    play_one.config, play_one.folder = config, folders["gatehouse-config"]
    yield play_one
    for one in pods:
        one.remove()
    for folder in folders.values():
        folder.remove()


def ask(pod, path, port=8080, method="GET", body=None, **fields):
    """Status and JSON of one request to a pod's address."""
    connection = http.client.HTTPConnection(pod.address, port, timeout=20)
    try:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in fields.items()})
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text.startswith((b"{", b"[")) else text.decode()
    finally:
        connection.close()


def ready(pod):
    """What the kubelet asks before it lets a Service send anybody."""
    try:
        return ask(pod, "/readyz", port=9901)[0] == 200
    except OSError:
        return False


def token(pod, username="ada"):
    status, pair = ask(pod, "/auth/register", method="POST", body=json.dumps({"username": username, "password": PASSWORD}),
                       Content_Type="application/json")
    assert status == 201, pair
    return pair


def bearer(pair):
    return {"Authorization": f"Bearer {pair['accessToken']}"}


def test_the_application_is_reached_through_the_gateway_alone(play):
    pod = play()
    pair = token(pod)
    assert ask(pod, "/orders/7", X_User_Id="root")[0] == 401
    assert ask(pod, "/orders/7", X_User_Id="root", **bearer(pair)) == (200, {"user": pair["user"]["id"], "path": "/orders/7"})
    assert ask(pod, "/public/hello", X_User_Id="root") == (200, {"user": None, "path": "/public/hello"})
    with pytest.raises(ConnectionRefusedError):
        ask(pod, "/orders/7", port=3000)
    inside = pod.containers["orders"].exec("python3", "-c", "import urllib.request as r; "
                                           "print(r.urlopen('http://127.0.0.1:3000/past').status)")
    assert inside.stdout.strip() == "200", "it does listen there, on loopback"


def test_replicas_of_the_sidecar_are_one_service(play):
    first, second = play(), play()
    pair = token(first)
    assert ask(second, "/orders", **bearer(pair))[0] == 200
    status, _ = ask(first, "/auth/logout", method="POST", **bearer(pair))
    assert status == 204
    wait_until(lambda: ask(second, "/orders", **bearer(pair))[0] == 401, "the logout to be heard", 30)


def test_a_changed_config_map_is_obeyed_and_a_broken_one_is_not(play):
    pod = play()
    token(pod)
    assert ask(pod, "/news")[0] == 401
    routes = [{"match": "/news", "auth": "none", "to": "http://127.0.0.1:3000"}, *play.config["routes"]]
    play.folder.change({"gatehouse.yaml": json.dumps({**play.config, "routes": routes})})
    wait_until(lambda: ask(pod, "/news")[0] == 200, "the new route to be there", 30)
    play.folder.change({"gatehouse.yaml": "routes: [{match: /news, auth: nobody}]"})
    wait_until(lambda: 'gatehouse_config_reloads_total{result="failed"} 1' in ask(pod, "/metrics", port=9901)[1],
               "the mistake to be noticed", 30)
    assert ask(pod, "/news")[0] == 200
    assert ready(pod)


class Callers:
    """Clients of the Service: each keeps a connection to one of the pods that are ready, as long as it is let."""

    def __init__(self, fields):
        self.endpoints, self.lost, self.answered = [], [], 0
        self._fields, self._lock, self._done = fields, threading.Lock(), threading.Event()
        self._threads = [threading.Thread(target=self._call, args=(number,)) for number in range(CLIENTS)]

    def _call(self, number):
        connection = None
        while not self._done.is_set():
            if connection is None:
                with self._lock:
                    endpoint = self.endpoints[number % len(self.endpoints)]
                connection = http.client.HTTPConnection(endpoint.address, 8080, timeout=30)
            try:
                connection.request("GET", "/orders", headers=self._fields)
                answer = connection.getresponse()
                body = answer.read()
            except (OSError, http.client.HTTPException) as failure:
                self.lost.append(f"{endpoint.name}: {failure!r}")
                connection.close()
                connection = None
                continue
            with self._lock:
                self.answered += 1
            if answer.status != 200:
                self.lost.append(f"{endpoint.name}: {answer.status} {body!r}")
            if answer.will_close:
                connection.close()
                connection = None

    def sent_to(self, *endpoints):
        """As a Service whose endpoints have changed."""
        with self._lock:
            self.endpoints = list(endpoints)

    def wait_for_more(self, count=50):
        seen = self.answered
        wait_until(lambda: self.answered >= seen + count or self.lost, "requests to go on", 60)

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._done.set()
        for thread in self._threads:
            thread.join(60)


def test_a_rolling_restart_loses_no_request(play):
    """Two pods are replaced, one after the other. The Service hears of it late: it goes on sending to a pod that has
    already been told to end."""
    pods = [play(), play()]
    callers = Callers(bearer(token(pods[0])))
    callers.sent_to(*pods)
    with callers:
        for _ in range(2):
            callers.wait_for_more()
            pods.append(play())
            callers.sent_to(*pods)
            callers.wait_for_more()
            leaving = pods.pop(0)
            os.kill(leaving.containers["gatehouse"].pid, signal.SIGTERM)
            wait_until(lambda: not ready(leaving), "the pod to say that it leaves", 30)
            callers.sent_to(*pods)
            assert leaving.containers["gatehouse"].wait() == 0
            leaving.remove()
        callers.wait_for_more()
    assert callers.lost == []
