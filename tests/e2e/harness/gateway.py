"""The built binary, started with a configuration of the test's own."""

import json
import os
import pathlib
import re
import signal
import subprocess
import urllib.error
import urllib.request

from .auth_client import AuthClient
from .ports import free_port
from .process import Process
from .raw_client import RawClient
from .waiting import wait_until

ROOT = pathlib.Path(__file__).resolve().parents[3]
BINARY = pathlib.Path(os.environ.get("GATEHOUSE_BINARY", ROOT / "build" / "release" / "gatehouse"))

# What a sanitized build prints when it found something.
REPORT = re.compile(r"(Address|Leak|Thread|UndefinedBehavior)Sanitizer|runtime error:")

# Real Argon2id, but with the least memory and one pass, and no throttle on the test's own address:
# tests log in often and all from 127.0.0.1.
CHEAP_PASSWORDS = {"argon2_memory": "8MiB", "argon2_passes": 1}
NO_THROTTLE = {"pair_free": 0, "account_per_hour": 0, "address_per_10_minutes": 0,
               "registrations_per_minute": 0, "device_cookie": False}


def merged(base, extra):
    """`extra` over `base`, section by section; None leaves a key out, so that its default holds."""
    result = dict(base)
    for key, value in extra.items():
        both_are_sections = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], value) if both_are_sections else value
    return {key: value for key, value in result.items() if value is not None}


class Gateway:
    """A running gateway on ports of its own. `folder` keeps its files; `settings` are sections of
    the YAML file over the defaults below (a JSON document is YAML too)."""

    def __init__(self, folder, upstream=None, workers=1, environment=None, command_prefix=(),
                 binary=BINARY, wait=True, sink=None, ready_within=20, inherited=(), **settings):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port, self.admin_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.admin_url = f"http://127.0.0.1:{self.admin_port}"
        self.config_file = self.folder / "gatehouse.yaml"
        self.environment = environment or {}
        self.command_prefix = list(command_prefix)
        self.binary = binary
        self.inherited = inherited  # descriptors
        self.sink = sink
        self.ready_within = ready_within
        self.settings = merged(self._defaults(upstream, workers), settings)
        self.process = None
        self.company = []
        self.start(wait)

    def _defaults(self, upstream, workers):
        defaults = {
            "listen": [{"address": f"127.0.0.1:{self.port}"}],
            "admin": f"127.0.0.1:{self.admin_port}",
            "workers": workers,
            "store": "sqlite:gatehouse.db",
            "passwords": CHEAP_PASSWORDS,
            "throttle": NO_THROTTLE,
            "drain": {"delay": "0s"},
        }
        if upstream is not None:
            url = upstream if isinstance(upstream, str) else upstream.url
            defaults["routes"] = [{"match": "/public/**", "auth": "none", "to": url},
                                  {"match": "/optional/**", "auth": "optional", "to": url},
                                  {"match": "/**", "to": url}]
        return defaults

    def start(self, wait=True):
        """Starts it (again, after a stop) with the current settings."""
        self.write_config()
        environment = {key: value for key, value in os.environ.items() if not key.endswith("_SECRET")}
        environment.update(self.environment)
        self.process = Process(
            [*self.command_prefix, self.binary, "run", "--config", self.config_file], "gatehouse",
            sink=self.sink, env=environment, cwd=self.folder, pass_fds=self.inherited)
        if wait:
            self.wait_until_ready()

    def write_config(self):
        self.config_file.write_text(json.dumps(self.settings, indent=2) + "\n")

    def command(self, *words, timeout=30, check=True, stdin=""):
        """Runs another `gatehouse` command on the same configuration; its finished process."""
        done = subprocess.run(
            [str(self.binary), *words, "--config", str(self.config_file)], capture_output=True,
            text=True, input=stdin, timeout=timeout, cwd=self.folder, env={**os.environ, **self.environment})
        assert not check or done.returncode == 0, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def wait_until_ready(self):
        def ready():
            assert self.process.running(), f"the gateway ended at once:\n{self.process.output()}"
            return self.admin("/readyz")[0] == 200
        try:
            wait_until(ready, "the gateway to be ready", self.ready_within)
        except AssertionError:
            self.process.kill()
            raise

    def admin(self, path):
        """Status and text of a path of the admin address; (0, "") when nobody answers."""
        try:
            with urllib.request.urlopen(self.admin_url + path, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read().decode()
        except OSError:
            return 0, ""

    def metric(self, name, **labels):
        """Sum of the samples of a metric whose labels include these."""
        total = 0.0
        for line in self.admin("/metrics")[1].splitlines():
            match = re.match(r"([a-z_:][\w:]*)(?:\{(.*)\})? (\S+)$", line)
            if match and match[1] == name:
                found = dict(re.findall(r'(\w+)="([^"]*)"', match[2] or ""))
                if labels.items() <= found.items():
                    total += float(match[3])
        return total

    def wait_for_metric(self, expected, name, **labels):
        """Until it is so: a request is counted behind its answer, by its worker."""
        try:
            wait_until(lambda: self.metric(name, **labels) == expected, f"{name} {labels} to be {expected}")
        except AssertionError as late:
            raise AssertionError(f"{late}; it is {self.metric(name, **labels)}") from late

    def connect(self, **options):
        return RawClient(self.port, **options)

    def ask(self, method, target, fields=(), body=None, **more):
        """One request on a connection of its own."""
        with self.connect() as client:
            return client.exchange(method, target, fields, body, **more)

    def auth(self):
        return AuthClient(self)

    def keep_company(self):
        """Keeps requests under way beside those of the test, on every worker as chance will have
        it: what is ready together is then sent together."""
        for _ in range(4 * self.settings["workers"]):
            client = self.connect()
            client.send(b"POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n")
            self.company.append(client)

    # ---- what it printed ----

    def access_log(self):
        """Access-log records so far."""
        return self._log("access")

    def store_log(self):
        """What it said of a store that failed."""
        return self._log("store")

    def _log(self, kind):
        records = [json.loads(line) for line in self.process.whole_lines() if line.startswith("{")]
        return [record for record in records if record["log"] == kind]

    def wait_for_access(self, matches=lambda record: True, what="an access-log record", count=1):
        def found():
            records = [record for record in self.access_log() if matches(record)]
            return records if len(records) >= count else None
        return wait_until(found, what)

    # ---- the process ----

    @property
    def pid(self):
        return self.process.pid

    def resident_bytes(self):
        return self.process.resident_bytes()

    def signal(self, number=signal.SIGTERM):
        self.process.signal(number)

    def stop(self):
        """Ends it politely; it must end well."""
        while self.company:
            self.company.pop().close()
        if self.process.running():
            self.signal(signal.SIGTERM)
            status = self.process.wait()
            assert status == 0, f"exit status {status}:\n{self.process.output()[-4000:]}"
        self.assert_clean()
        self.assert_ended_as_told()

    def kill(self):
        self.process.kill()

    def assert_ended_as_told(self):
        """It did not crash: whatever signal ended it, a test had sent it."""
        status = self.process.wait()
        assert status >= 0 or -status in (signal.SIGKILL, signal.SIGTERM), \
            f"it died of {signal.Signals(-status).name}:\n{self.process.output()[-4000:]}"

    def assert_clean(self):
        report = REPORT.search(self.process.output())
        assert report is None, self.process.output()[report.start() - 200:][:6000]
