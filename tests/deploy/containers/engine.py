"""buildah and podman, with all they keep in one folder: images, containers, locks and settings. The
machine's own images and containers are neither seen nor touched."""

import contextlib
import fcntl
import json
import os
import pathlib
import subprocess
import tempfile

from .container import Container

ROOT = pathlib.Path(__file__).resolve().parents[3]
FOLDER = ROOT / "build" / "deploy"

# Says whose a container is, so that what a killed run left behind can be told from what others use.
OWNER = "gatehouse.test"


def _toml(value):
    return json.dumps(value)  # strings and lists of strings are written alike


class Engine:
    """`folder` is the only place it writes to. Processes may share it: what makes images takes turns."""

    def __init__(self, folder=FOLDER):
        self.folder = pathlib.Path(folder)
        # What podman calls its run folder holds sockets, whose paths have to be short.
        self._run = pathlib.Path(tempfile.gettempdir()) / f"gatehouse-deploy-{self._make_folder():x}"
        self._run.mkdir(mode=0o700, exist_ok=True)
        self._environment = {**os.environ, **self._write_settings(), "TMPDIR": str(self.folder / "tmp")}

    def _make_folder(self):
        (self.folder / "tmp").mkdir(parents=True, exist_ok=True)
        return self.folder.stat().st_ino

    def _write_settings(self):
        """Limits are given because a machine may forbid to raise them; runc, because crun wants a
        purer tree of control groups than many machines have."""
        settings = {
            "containers.conf": f"""
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
log_driver = "k8s-file"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
lock_type = "file"
tmp_dir = {_toml(str(self._run / "libpod"))}
[network]
network_config_dir = {_toml(str(self.folder / "networks"))}
""",
            "storage.conf": f"""
[storage]
driver = "overlay"
graphroot = {_toml(str(self.folder / "storage"))}
runroot = {_toml(str(self._run / "storage"))}
""",
            "registries.conf": """
short-name-mode = "enforcing"
[aliases]
"debian" = "docker.io/library/debian"
""",
        }
        (self.folder / "networks").mkdir(exist_ok=True)
        variables = {}
        for name, text in settings.items():
            path = self.folder / name
            if not path.exists() or path.read_text() != text:
                with tempfile.NamedTemporaryFile("w", dir=self.folder, delete=False) as new:
                    new.write(text)
                os.replace(new.name, path)
            variables["CONTAINERS_" + path.stem.upper() + "_CONF"] = str(path)
        variables["CONTAINERS_CONF"] = variables.pop("CONTAINERS_CONTAINERS_CONF")
        return variables

    # ---- the two programs ----

    def podman(self, *words, check=True, timeout=120, stdin=None):
        return self._call(["podman", *words], check, timeout, stdin)

    def buildah(self, *words, check=True, timeout=120):
        return self._call(["buildah", *words], check, timeout, None)

    def call(self, *words, check=True, timeout=120):
        """Any other program, where the two are configured as here."""
        return self._call(words, check, timeout, None)

    def _call(self, words, check, timeout, stdin):
        words = [str(word) for word in words]
        done = subprocess.run(words, capture_output=True, text=True, input=stdin, timeout=timeout,
                              env=self._environment, cwd=ROOT)
        assert not check or done.returncode == 0, \
            f"{' '.join(words)}: {done.returncode}\n{done.stdout[-6000:]}{done.stderr[-6000:]}"
        return done

    @contextlib.contextmanager
    def turn(self):
        """Whoever makes what others may be about to make as well, does it in turn."""
        with open(self.folder / "lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    # ---- images ----

    def has_image(self, name):
        return self.podman("image", "exists", name, check=False).returncode == 0

    def build(self, name, dockerfile, context, timeout=900, **arguments):
        """Builds `dockerfile` (a path), or less: what has been built from the same is not built again."""
        options = [word for key, value in arguments.items() for word in ("--build-arg", f"{key}={value}")]
        with self.turn():
            self.buildah("bud", "--isolation", "chroot", "--format", "docker", "--pull-never", "--layers", *options,
                         "--tag", name, "--file", dockerfile, context, timeout=timeout)
        return name

    def image(self, name, lines, context=None, timeout=600):
        """An image from the lines of a Dockerfile; `context` is the folder that COPY reads from."""
        with tempfile.TemporaryDirectory(dir=self.folder / "tmp") as folder:
            dockerfile = pathlib.Path(folder) / "Dockerfile"
            dockerfile.write_text("\n".join(lines) + "\n")
            return self.build(name, dockerfile, context or folder, timeout=timeout)

    @contextlib.contextmanager
    def mounted(self, name):
        """The files of an image, to be looked at."""
        path = self.podman("image", "mount", name).stdout.strip()
        try:
            yield pathlib.Path(path)
        finally:
            self.podman("image", "unmount", name, check=False)

    # ---- containers ----

    def start(self, image, *command, options=()):
        """A container in the background. The caller removes it."""
        done = self.podman("run", "--detach", "--pull=never", "--label", f"{OWNER}={os.getpid()}", *options, image, *command)
        return Container(self, done.stdout.strip())

    def run(self, image, *command, options=(), check=True, timeout=300):
        """Runs a command in a container that is gone afterwards; the finished process."""
        return self.podman("run", "--rm", "--pull=never", "--label", f"{OWNER}={os.getpid()}", *options, image, *command,
                           check=check, timeout=timeout)

    def sweep(self):
        """Removes what a run left behind that was killed."""
        listed = self.podman("ps", "--all", "--filter", f"label={OWNER}", "--format", "json", check=False)
        for container in json.loads(listed.stdout or "[]"):
            owner = container["Labels"][OWNER]
            if not pathlib.Path(f"/proc/{owner}").exists():
                self.podman("rm", "--force", "--volumes", "--time", "0", container["Id"], check=False)
