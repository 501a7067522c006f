"""Pods, played by podman from manifests of Kubernetes."""

import itertools
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

import yaml

from harness.waiting import wait_until

from .container import Container
from .engine import OWNER
from .manifests import containers_of

# Links between this machine and pods: two addresses each, of a network for such things (RFC 6598).
FIRST, LINKS = (100 << 24) + (64 << 16), 1 << 20

_numbers = itertools.count(1)


class ProjectedFolder:
    """A ConfigMap or Secret as the kubelet mounts it: names that are links into a folder that is itself behind a
    link, which is exchanged when the content changes."""

    def __init__(self, content):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="gatehouse-projected-"))
        self.path.chmod(0o755)
        self._versions = itertools.count(1)
        self.change(content)

    def change(self, content):
        version = self.path / f"..version_{next(self._versions)}"
        version.mkdir(mode=0o755)
        for name, text in content.items():
            (version / name).write_text(text)
            if not (self.path / name).is_symlink():
                (self.path / name).symlink_to(f"..data/{name}")
        old = os.readlink(self.path / "..data") if (self.path / "..data").is_symlink() else None
        (self.path / "..data_tmp").symlink_to(version.name)
        os.replace(self.path / "..data_tmp", self.path / "..data")
        if old:
            shutil.rmtree(self.path / old)

    def remove(self):
        shutil.rmtree(self.path)


def played(pod, name, images, folders, secrets):
    """What podman 4.3 can play of a pod's specification, and nothing else is changed:

    - a sidecar is a container as any other: podman would wait for an init container to end;
    - probes and hooks are left out: podman runs `curl` in the container instead, which our image does not have. The
      test asks and ends as a kubelet does;
    - ports, which only declare what a container listens on, are left out: podman would publish them;
    - ConfigMaps and Secrets are folders of this machine, laid out as a kubelet lays them out; secrets in the
      environment are written out;
    - images get the names they have here.
    """
    pod = json.loads(json.dumps(pod))
    containers = containers_of(pod)
    pod.pop("initContainers", None)
    for container in containers:
        for key in ("ports", "restartPolicy", "startupProbe", "readinessProbe", "livenessProbe", "lifecycle"):
            container.pop(key, None)
        container["image"] = images[container["name"]]
        for variable in container.get("env", []):
            source = variable.pop("valueFrom", None)
            if source:
                variable["value"] = secrets[source["secretKeyRef"]["key"]]
    pod["containers"] = containers
    for volume in pod["volumes"]:
        if volume["name"] in folders:
            volume.pop("configMap", None)
            volume.pop("secret", None)
            volume["hostPath"] = {"path": str(folders[volume["name"]]), "type": "Directory"}
    pod["restartPolicy"] = "Never"
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": {OWNER: str(os.getpid())}}, "spec": pod}


class Pod:
    """Plays a manifest, with a network of its own, reached over `address` from this machine alone; without a cable by
    nobody."""

    def __init__(self, engine, manifest, cable=True):
        self.engine = engine
        self.name = manifest["metadata"]["name"]
        self.manifest = pathlib.Path(tempfile.mkdtemp(prefix="gatehouse-pod-")) / "pod.yaml"
        self.manifest.write_text(yaml.safe_dump(manifest))
        try:
            engine.podman("kube", "play", "--network", "none", self.manifest)
            facts = json.loads(engine.podman("pod", "inspect", self.name).stdout)
            members = {member["Name"].removeprefix(f"{self.name}-"): member["Id"] for member in facts["Containers"]}
            self.containers = {name: Container(engine, member) for name, member in members.items()}
            self.address = Pod.link(engine, Container(engine, facts["InfraContainerID"]).pid) if cable else None
        except BaseException:
            self.remove()
            raise

    @staticmethod
    def link(engine, pid):
        """A cable to the pod of that process; it is gone with it. The pid makes its addresses its own."""
        number = FIRST + (pid % LINKS) * 4
        here, there = (".".join(str(byte) for byte in (number + end).to_bytes(4, "big")) for end in (1, 2))
        cable, call = f"gh{pid}", engine.call
        call("ip", "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", pid)
        call("ip", "addr", "add", f"{here}/30", "dev", cable)
        call("ip", "link", "set", cable, "up")
        inside = ["nsenter", "--target", pid, "--net", "ip"]
        call(*inside, "addr", "add", f"{there}/30", "dev", "eth0")
        call(*inside, "link", "set", "eth0", "up")
        return there

    def remove(self):
        self.engine.podman("pod", "rm", "--force", "--time", "0", self.name, check=False)
        shutil.rmtree(self.manifest.parent, ignore_errors=True)


def why_no_cable(engine):
    """Why no pod can be reached, in words; "" where a process with a network of its own was."""
    with subprocess.Popen(["unshare", "--net", "cat"], stdin=subprocess.PIPE) as process:
        try:
            wait_until(lambda: os.readlink(f"/proc/{process.pid}/ns/net") != os.readlink("/proc/self/ns/net"), "a network")
            Pod.link(engine, process.pid)
            return ""
        except (AssertionError, OSError) as failure:
            return f"no cable to a network of its own: {str(failure)[-300:]}"
        finally:
            process.stdin.close()


def lend_database(pod, sockets):
    """A pod without a network reaches a server of this machine by a folder with its socket."""
    pod["volumes"].append({"name": "database", "hostPath": {"path": str(sockets), "type": "Directory"}})
    gateway = next(container for container in pod["containers"] if container["name"] == "gatehouse")
    gateway["volumeMounts"].append({"name": "database", "mountPath": "/run/postgresql"})


def unique(name):
    """A name that no other process of these tests uses."""
    return f"{name}-{os.getpid()}-{next(_numbers)}"
