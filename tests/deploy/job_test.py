"""deploy/kubernetes/job-before-1.29, really played: the Job is complete when its work is done, well or badly."""

import json

import pytest
import yaml

from containers.manifests import FOLDER, of_kind, pod_of, rendered, why_no_kustomize
from containers.pods import Pod, ProjectedFolder, lend_database, played, unique

pytestmark = pytest.mark.skipif(bool(why_no_kustomize()), reason=why_no_kustomize() or "no reason")

SECRETS = {"sealing-secret": "s" * 40, "token": "0123456789abcdef" * 4}


@pytest.fixture
def play(engine, gatehouse_image, report_image, database):
    """A function that plays the Job's pod; its work ends with that status, and its container has that user."""
    objects = rendered(FOLDER / "job-before-1.29")
    config = yaml.safe_load(of_kind(objects, "ConfigMap", "gatehouse")["data"]["gatehouse.yaml"])
    config |= {"store": f"postgres://gatehouse@/gatehouse?host=/run/postgresql&port={database.port}", "drain": {"delay": "0s"}}
    folders = {"gatehouse-config": ProjectedFolder({"gatehouse.yaml": json.dumps(config)}),
               "gatehouse-secrets": ProjectedFolder({"postgres-password": database.password})}
    pods = []

    def play_one(status, user):
        manifest = played(pod_of(of_kind(objects, "Job", "report")), unique("report"),
                          {"gatehouse": gatehouse_image, "report": report_image},
                          {name: folder.path for name, folder in folders.items()}, SECRETS)
        lend_database(manifest["spec"], database.sockets)
        app = next(container for container in manifest["spec"]["containers"] if container["name"] == "report")
        app["env"].append({"name": "STATUS", "value": str(status)})
        app["securityContext"] = {"runAsUser": user}
        pods.append(Pod(engine, manifest, cable=False))
        return pods[-1]

    yield play_one
    for pod in pods:
        pod.remove()
    for folder in folders.values():
        folder.remove()


@pytest.mark.parametrize("status, user", [(0, 65532), (3, 1000)], ids=["done", "failed, as another user"])
def test_the_gateway_ends_with_the_work(play, status, user):
    pod = play(status, user)
    report, gateway = pod.containers["report"], pod.containers["gatehouse"]
    assert report.wait(120) == status, report.logs()
    assert gateway.wait(60) == 0, gateway.logs()
    assert SECRETS["token"] not in gateway.logs()
