"""One running container."""

import json
import shutil


class Container:
    """What `Engine.start` returns."""

    def __init__(self, engine, name):
        self.engine = engine
        self.id = name
        self.lent = []  # folders of ours that are mounted in it and go with it

    def exec(self, *command, options=(), check=True, timeout=120, stdin=None):
        """Runs a command in it; the finished process."""
        interactive = ("--interactive",) if stdin is not None else ()
        return self.engine.podman("exec", *interactive, *options, self.id, *command, check=check, timeout=timeout, stdin=stdin)

    def facts(self):
        """What podman knows of it."""
        return json.loads(self.engine.podman("container", "inspect", self.id).stdout)[0]

    @property
    def pid(self):
        """That of its first process, as this machine counts."""
        return self.facts()["State"]["Pid"]

    def running(self):
        return self.facts()["State"]["Running"]

    def logs(self):
        done = self.engine.podman("logs", self.id)
        return done.stdout + done.stderr

    def signal(self, name="TERM"):
        self.engine.podman("kill", "--signal", name, self.id)

    def wait(self, timeout=60):
        """Its exit status, once it has ended."""
        return int(self.engine.podman("wait", self.id, timeout=timeout).stdout)

    def stop(self, within=30):
        """As a platform stops it: SIGTERM, then time, then SIGKILL. Its exit status."""
        self.engine.podman("stop", "--time", within, self.id, timeout=within + 60)
        return self.facts()["State"]["ExitCode"]

    def start(self):
        """Starts it again after a stop."""
        self.engine.podman("start", self.id)

    def remove(self):
        self.engine.podman("rm", "--force", "--volumes", "--time", "0", self.id, check=False)
        for folder in self.lent:
            shutil.rmtree(folder, ignore_errors=True)
