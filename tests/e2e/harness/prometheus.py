"""A real Prometheus that scrapes a gateway, and what it makes of the series."""

import json
import pathlib
import urllib.parse
import urllib.request

from .ports import free_port
from .process import Process
from .waiting import wait_until

MONITORING = pathlib.Path(__file__).resolve().parents[3] / "deploy/monitoring"


class Prometheus:
    """Scrapes `gateways` as job `gatehouse` four times a second, and evaluates `rules` as often."""

    def __init__(self, folder, gateways, rules=""):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "rules.yml").write_text(rules or "groups: []\n")
        targets = [gateway.admin_url.removeprefix("http://") for gateway in gateways]
        (folder / "prometheus.yml").write_text(json.dumps({
            "global": {"scrape_interval": "250ms", "scrape_timeout": "250ms", "evaluation_interval": "250ms"},
            "rule_files": [str(folder / "rules.yml")],
            "scrape_configs": [{"job_name": "gatehouse", "static_configs": [{"targets": targets}]}],
        }))
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._process = Process(
            ["/usr/bin/prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
             f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn"], "prometheus")
        wait_until(self._is_ready, "Prometheus to be ready", 60)

    def _is_ready(self):
        assert self._process.running(), self._process.output()
        try:
            return urllib.request.urlopen(self.url + "/-/ready", timeout=5).status == 200
        except OSError:
            return False

    def _get(self, path, **parameters):
        query = urllib.parse.urlencode(parameters)
        try:
            answer = urllib.request.urlopen(f"{self.url}/api/v1/{path}?{query}", timeout=20)
        except urllib.error.HTTPError as refusal:
            raise AssertionError(f"{parameters}: {refusal.read().decode()}") from refusal
        with answer:
            return json.load(answer)["data"]

    def query(self, expression):
        """What an instant query gives now: a list of (labels, value)."""
        result = self._get("query", query=expression)["result"]
        return [(each["metric"], float(each["value"][1])) for each in result]

    def targets(self):
        return self._get("targets")["activeTargets"]

    def rules(self):
        return [rule for group in self._get("rules")["groups"] for rule in group["rules"]]

    def firing(self):
        """Names of the alerts that fire now."""
        return {alert["labels"]["alertname"] for alert in self._get("alerts")["alerts"]
                if alert["state"] == "firing"}

    def stop(self):
        self._process.stop()
