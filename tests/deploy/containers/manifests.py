"""The manifests of deploy/kubernetes, as `kubectl kustomize` renders them."""

import json
import shutil
import subprocess

import yaml

from .engine import ROOT

FOLDER = ROOT / "deploy" / "kubernetes"


def why_no_kustomize():
    """Debian 12 has a kubectl of 2021, whose kustomize knows no components."""
    if not shutil.which("kubectl"):
        return "kubectl is not installed"
    told = subprocess.run(["kubectl", "version", "--client", "-o", "json"], capture_output=True, text=True).stdout
    version = json.loads(told).get("kustomizeVersion", "v2") if told else "v2"
    return "" if int(version.lstrip("v").split(".")[0]) >= 4 else f"this kubectl renders with kustomize {version}; 4 is needed"


def rendered(folder):
    """All objects of one folder. A warning is a failure too."""
    done = subprocess.run(["kubectl", "kustomize", str(folder)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and not done.stderr, f"{folder}: {done.returncode}\n{done.stderr}"
    return [document for document in yaml.safe_load_all(done.stdout) if document]


def of_kind(objects, kind, name=None):
    found = [thing for thing in objects if thing["kind"] == kind and name in (None, thing["metadata"]["name"])]
    assert len(found) == 1, f"{len(found)} of {kind} {name or ''}"
    return found[0]


def pod_of(workload):
    """The specification of its pods."""
    return workload["spec"]["template"]["spec"]


def containers_of(pod):
    return [*pod.get("initContainers", []), *pod["containers"]]


def gateway_of(pod):
    return next(container for container in containers_of(pod) if container["name"] == "gatehouse")
