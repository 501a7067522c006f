"""Our image, built from this tree, and a container of it that tests talk to."""

import json
import pathlib
import tempfile

from harness.auth_client import AuthClient
from harness.gateway import CHEAP_PASSWORDS, NO_THROTTLE, merged
from harness.ports import free_port
from harness.raw_client import RawClient
from harness.waiting import wait_until

from .base import debian_image
from .engine import ROOT

IMAGE = "localhost/gatehouse:test"


def gatehouse_image(engine):
    """Its name; what has not changed since it was last built is not built again."""
    debian_image(engine)
    return engine.build(IMAGE, ROOT / "deploy/container/Dockerfile", ROOT, timeout=1500)


class GatehouseContainer:
    """A gateway in a container, on ports of its own of this machine, with the configuration mounted where the
    image looks for it."""

    def __init__(self, start, options=(), upstream=None, image=IMAGE, wait=True, **settings):
        self.port, self.admin_port = free_port(), free_port()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="gatehouse-config-"))
        self.folder.chmod(0o755)
        defaults = {"listen": [{"address": f"127.0.0.1:{self.port}"}], "admin": f"127.0.0.1:{self.admin_port}",
                    "store": "sqlite:/var/lib/gatehouse/gatehouse.db", "passwords": CHEAP_PASSWORDS,
                    "throttle": NO_THROTTLE}
        if upstream is not None:
            defaults["routes"] = [{"match": "/**", "to": upstream.url}]
        (self.folder / "gatehouse.yaml").write_text(json.dumps(merged(defaults, settings)))
        self.container = start(image, options=["--network", "host", "--volume", f"{self.folder}:/etc/gatehouse:ro", *options])
        self.container.lent.append(self.folder)
        if wait:
            self.wait_until_ready()

    def wait_until_ready(self):
        def ready():
            assert self.container.running(), self.container.logs()
            with RawClient(self.admin_port) as client:
                return client.exchange("GET", "/readyz").status == 200

        def answered():
            try:
                return ready()
            except OSError:
                return False
        wait_until(answered, "the gateway in the container to be ready", 30)

    def connect(self, **options):
        return RawClient(self.port, **options)

    def ask(self, method, target, fields=(), body=None, **more):
        with self.connect() as client:
            return client.exchange(method, target, fields, body, **more)

    def auth(self):
        return AuthClient(self)
