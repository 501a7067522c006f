"""nginx, caddy and haproxy before /auth/verify, as deploy/provider ships them but for ports."""

import os

import yaml

from .haproxy import Haproxy
from .nginx import temporary
from .pages import ROOT
from .ports import free_port
from .process import Process
from .raw_client import RawClient
from .services import answers
from .waiting import wait_until

PROVIDER = ROOT / "deploy" / "provider"


def with_ports(name, port, gateway, backend):
    text = (PROVIDER / name).read_text()
    for theirs, ours in (("127.0.0.1:8080", f"127.0.0.1:{gateway.port}"),
                         ("127.0.0.1:3000", backend.url.removeprefix("http://"))):
        assert theirs in text, f"{theirs} is not in {name}"
        text = text.replace(theirs, ours)
    for theirs, ours in (("listen 80;", f"listen 127.0.0.1:{port};"), ("http://:80 ", f"http://127.0.0.1:{port}, http://gateway.test:{port} "),
                         ("bind :80", f"bind 127.0.0.1:{port}")):
        text = text.replace(theirs, ours)
    return text


class Caddy:
    def __init__(self, folder, text, port):
        config = folder / "Caddyfile"
        config.write_text("{\n\tadmin off\n\tauto_https off\n}\n" + text)
        self.process = Process(["caddy", "run", "--config", config, "--adapter", "caddyfile"], "caddy",
                               env={**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)})
        wait_until(lambda: answers(port), "caddy to listen", 30)

    def stop(self):
        self.process.stop()


class ShippedNginx:
    """The whole file, with places of its own to write to."""

    def __init__(self, folder, text, port):
        config = folder / "nginx-shipped.conf"
        config.write_text(f"daemon off; pid {folder}/nginx.pid; error_log stderr;\n"
                          + text.replace("http {", f"http {{ access_log off; {temporary(folder)}"))
        self.process = Process(["nginx", "-p", folder, "-c", config], "nginx")
        wait_until(lambda: answers(port), "nginx to listen", 30)

    def stop(self):
        self.process.stop()


class ShippedHaproxy(Haproxy):
    def __init__(self, folder, text, port):
        (folder / "gatehouse.lua").write_text((PROVIDER / "gatehouse.lua").read_text())
        super().__init__(folder, text, port)


FRONTS = {"nginx": (ShippedNginx, "nginx.conf"), "caddy": (Caddy, "Caddyfile"), "haproxy": (ShippedHaproxy, "haproxy.cfg")}


def shipped_settings():
    """Of the gateway behind them, which listens on a port of its own."""
    settings = yaml.safe_load((PROVIDER / "gatehouse.yaml").read_text())
    settings.pop("listen")
    return settings


class Front:
    def __init__(self, name, folder, gateway, backend):
        self.name, self.port = name, free_port()
        kind, file = FRONTS[name]
        self.proxy = kind(folder, with_ports(file, self.port, gateway, backend), self.port)

    def ask(self, method, target, fields=(), body=None):
        with RawClient(self.port) as client:
            return client.exchange(method, target, list(fields), body)
