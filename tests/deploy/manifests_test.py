"""deploy/kubernetes: what it renders is what Kubernetes takes, says what it should, and its configuration is good."""

import copy
import json
import pathlib
import subprocess

import pytest
import yaml

from containers import ROOT
from containers.manifests import FOLDER, containers_of, gateway_of, of_kind, pod_of, rendered, why_no_kustomize

pytestmark = pytest.mark.skipif(bool(why_no_kustomize()), reason=why_no_kustomize() or "no reason")

OVERLAYS = ["sidecar", "job", "job-before-1.29", "gateway"]
VALIDATE = ROOT / "tests" / "deploy" / "kubernetes" / "validate.cjs"


@pytest.fixture(params=OVERLAYS)
def objects(request):
    return rendered(FOLDER / request.param)


def mistakes_in(objects, folder):
    done = subprocess.run(["node", VALIDATE, folder], input=json.dumps(objects), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def workloads(objects):
    return [thing for thing in objects if thing["kind"] in ("Deployment", "Job")]


def seconds(text):
    assert text.endswith("s")
    return int(text[:-1])


# ---- what Kubernetes takes ----


def test_every_folder_is_tried():
    found = {path.parent.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("kustomization.yaml")}
    assert found == {*OVERLAYS, "base", "app", "components/sidecar"}


def test_the_schemas_of_kubernetes_accept_it(objects, tmp_path):
    assert mistakes_in(objects, tmp_path) == []


# How to break an object, and a word of the complaint that has to come.
BROKEN = {
    "a number that is a text": (lambda pod: pod.update(terminationGracePeriodSeconds="60"), "terminationGracePeriodSeconds"),
    "a container without a name": (lambda pod: pod["containers"][0].pop("name"), "name"),
    "a key that does not exist": (lambda pod: pod["containers"][0].update(readinesProbe={}), "readinesProbe"),
    "a key of another place": (lambda pod: pod.update(replicas=2), "replicas"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_planted_mistake_is_found(what, tmp_path):
    objects = copy.deepcopy(rendered(FOLDER / "gateway"))
    break_it, word = BROKEN[what]
    break_it(pod_of(of_kind(objects, "Deployment")))
    assert [line for line in mistakes_in(objects, tmp_path) if word in line] != []


def test_mistakes_in_extensions_are_found_too(tmp_path):
    objects = rendered(FOLDER / "gateway")
    of_kind(objects, "ServiceMonitor")["spec"]["endpoint"] = []
    of_kind(objects, "HTTPRoute")["spec"]["hostnames"] = "api.example.com"
    of_kind(objects, "PodDisruptionBudget")["apiVersion"] = "policy/v7"
    told = mistakes_in(objects, tmp_path)
    for name, word in (("ServiceMonitor", '"endpoint"'), ("HTTPRoute", "hostnames"), ("PodDisruptionBudget", "policy/v7")):
        assert [line for line in told if line.startswith(f"{name} gatehouse:") and word in line] != [], told


# ---- what it has to say ----


def test_pods_are_restricted(objects):
    """The level `restricted` of Kubernetes' pod security standards."""
    for workload in workloads(objects):
        pod = pod_of(workload)
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] == 65532
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        assert {"hostNetwork", "hostPID", "hostIPC"}.isdisjoint(pod)
        own = gateway_of(pod)["securityContext"]
        assert own["allowPrivilegeEscalation"] is False and own["readOnlyRootFilesystem"] is True
        assert own["capabilities"] == {"drop": ["ALL"]}


def test_probes_ask_the_admin_port(objects):
    for workload in workloads(objects):
        gateway = gateway_of(pod_of(workload))
        ports = {port["name"]: port["containerPort"] for port in gateway["ports"]}
        asked = {probe: gateway[probe]["httpGet"] for probe in ("startupProbe", "readinessProbe", "livenessProbe")}
        assert {probe["port"] for probe in asked.values()} == {"admin"}
        assert asked["readinessProbe"]["path"] == "/readyz" and asked["livenessProbe"]["path"] == "/healthz"
        config = yaml.safe_load(of_kind(objects, "ConfigMap", "gatehouse")["data"]["gatehouse.yaml"])
        assert config["admin"] == f"0.0.0.0:{ports['admin']}"
        assert config["listen"][0]["address"] == f"0.0.0.0:{ports['http']}"


def test_what_is_mounted_is_there_or_named_as_a_secret(objects):
    """And a ConfigMap is never mounted with subPath: such a file does not change."""
    present = {(thing["kind"], thing["metadata"]["name"]) for thing in objects}
    for workload in workloads(objects):
        pod = pod_of(workload)
        volumes = {volume["name"]: volume for volume in pod["volumes"]}
        for container in containers_of(pod):
            for mount in container.get("volumeMounts", []):
                assert mount["name"] in volumes and "subPath" not in mount
        maps = [volume["configMap"]["name"] for volume in volumes.values() if "configMap" in volume]
        assert maps and all(("ConfigMap", name) in present for name in maps)
        secrets = {volume["secret"]["secretName"] for volume in volumes.values() if "secret" in volume}
        assert secrets <= {"gatehouse", "gatehouse-keys"}


def test_there_is_time_to_drain(objects):
    for workload in workloads(objects):
        pod = pod_of(workload)
        config = yaml.safe_load(of_kind(objects, "ConfigMap", "gatehouse")["data"]["gatehouse.yaml"])
        draining = seconds(config["drain"]["delay"]) + seconds(config["drain"]["timeout"])
        waits = [container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
                 for container in containers_of(pod)]
        assert pod["terminationGracePeriodSeconds"] >= draining + max(waits)


def test_nobody_reaches_the_application_past_its_sidecar():
    objects = rendered(FOLDER / "sidecar")
    deployment = of_kind(objects, "Deployment", "orders")
    app, = pod_of(deployment)["containers"]
    assert {"name": "HOST", "value": "127.0.0.1"} in app["env"]
    sidecar, = pod_of(deployment)["initContainers"]
    assert sidecar["name"] == "gatehouse" and sidecar["restartPolicy"] == "Always"
    service = of_kind(objects, "Service", "orders")
    assert [(port["port"], port["targetPort"]) for port in service["spec"]["ports"]] == [(80, "http")]
    assert service["spec"]["selector"].items() <= deployment["spec"]["template"]["metadata"]["labels"].items()
    policy = of_kind(objects, "NetworkPolicy")["spec"]
    assert policy["podSelector"]["matchLabels"].items() <= deployment["spec"]["template"]["metadata"]["labels"].items()
    assert [port["port"] for rule in policy["ingress"] for port in rule["ports"]] == ["http", "admin"]
    assert "from" in policy["ingress"][1], "the admin port is for those who scrape"


def test_the_application_of_the_sidecar_is_otherwise_unmodified():
    before = pod_of(of_kind(rendered(FOLDER / "app"), "Deployment"))["containers"]
    after = pod_of(of_kind(rendered(FOLDER / "sidecar"), "Deployment"))["containers"]
    after[0].pop("lifecycle")
    after[0]["image"] = before[0]["image"]
    assert after == before


def test_a_job_ends_in_both_ways():
    native = pod_of(of_kind(rendered(FOLDER / "job"), "Job"))
    assert [container["name"] for container in native["initContainers"]] == ["gatehouse"]
    assert native["initContainers"][0]["restartPolicy"] == "Always"
    older = pod_of(of_kind(rendered(FOLDER / "job-before-1.29"), "Job"))
    assert "initContainers" not in older
    app, gateway = older["containers"]
    assert gateway["name"] == "gatehouse" and "restartPolicy" not in gateway
    token = {"name": "GATEHOUSE_ADMIN_TOKEN", "valueFrom": {"secretKeyRef": {"name": "gatehouse-admin", "key": "token"}}}
    assert token in app["env"] and token in gateway["env"], "one token, whatever user the application has"
    moved = {key: value for key, value in native["initContainers"][0].items() if key != "restartPolicy"}
    assert {**moved, "env": [token, *moved["env"]]} == gateway, "the same gateway as in a sidecar"
    assert "http://127.0.0.1:9901/quit" in app["args"][0]


def test_no_sidecar_has_a_hook_of_its_own(objects):
    """Hooks of all containers begin when the pod is told to end: one that ends the gateway would do so while the
    application still serves (docs/DEPLOY.md)."""
    for workload in workloads(objects):
        assert "lifecycle" not in gateway_of(pod_of(workload))


def test_the_gateway_of_its_own_scales_spreads_and_is_never_gone():
    objects = rendered(FOLDER / "gateway")
    deployment = of_kind(objects, "Deployment", "gatehouse")
    assert "replicas" not in deployment["spec"], "they are the autoscaler's"
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    scaler = of_kind(objects, "HorizontalPodAutoscaler")["spec"]
    assert scaler["scaleTargetRef"]["name"] == "gatehouse" and scaler["minReplicas"] >= 2
    for selector in (of_kind(objects, "PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
                     of_kind(objects, "Service", "gatehouse")["spec"]["selector"],
                     *(spread["labelSelector"]["matchLabels"] for spread in pod_of(deployment)["topologySpreadConstraints"])):
        assert selector.items() <= labels.items()
    scraped = of_kind(objects, "ServiceMonitor")["spec"]
    admin = of_kind(objects, "Service", "gatehouse-admin")
    assert scraped["selector"]["matchLabels"].items() <= admin["metadata"]["labels"].items()
    assert scraped["endpoints"][0]["port"] == admin["spec"]["ports"][0]["name"]
    public = of_kind(objects, "Service", "gatehouse")
    assert not scraped["selector"]["matchLabels"].items() <= public["metadata"]["labels"].items()
    backend = of_kind(objects, "HTTPRoute")["spec"]["rules"][0]["backendRefs"][0]
    assert (backend["name"], backend["port"]) == ("gatehouse", 80)


# ---- the gateway's own judgement ----


def test_the_configuration_is_good(objects, engine, gatehouse_image, tmp_path):
    """Judged by the image itself, with secrets where the manifest mounts them."""
    folders = {name: tmp_path / name for name in ("config", "secrets", "keys")}
    for folder in folders.values():
        folder.mkdir()
        folder.chmod(0o755)
    config = of_kind(objects, "ConfigMap", "gatehouse")["data"]["gatehouse.yaml"]
    (folders["config"] / "gatehouse.yaml").write_text(config)
    (folders["secrets"] / "postgres-password").write_text("secret")
    make_signing_keys(folders["keys"])
    done = engine.run(gatehouse_image, "check", check=False, options=[
        "--network", "none", "--read-only", "--env", "SEALING_SECRET=" + "s" * 40,
        "--volume", f"{folders['config']}:/etc/gatehouse:ro", "--volume", f"{folders['secrets']}:/run/secrets/gatehouse:ro",
        "--volume", f"{folders['keys']}:/run/secrets/signing-keys:ro"])
    assert done.returncode == 0, done.stdout + done.stderr


def make_signing_keys(folder: pathlib.Path):
    """As docs/CONFIGURATION.md says."""
    subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out",
                    str(folder / "access-active.pem")], check=True, capture_output=True)
    (folder / "refresh-active").write_text("r" * 48)
    for file in folder.iterdir():
        file.chmod(0o644)
