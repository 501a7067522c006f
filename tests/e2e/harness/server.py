"""A server program of the test's own: in a private folder, on a port of its own, as an ordinary
user, and gone by its pid when the test ends."""

import contextlib
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile

from .ports import free_port
from .process import Process
from .waiting import wait_until

HOST = "127.0.0.1"


def unprivileged():
    """How to start a process that is not root: PostgreSQL and pgbouncer refuse to be."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def give_away(path):
    """Makes a file or folder that of the user who runs the server."""
    owner = unprivileged()
    if owner:
        os.chown(path, owner["user"], owner["group"])
    return path


def children_of(pid):
    """The pids of its direct children, in whatever state."""
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = entry.read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue  # ended while we looked
        if int(parent) == pid:
            found.append(int(entry.parent.name))
    return found


def state_of(pid):
    """The kernel's letter for what a process does (T is stopped), or "" when there is none."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


class Server:
    """Subclasses say which command to run and which line it prints when it serves. The port stays
    the same over every restart."""

    name = "server"
    stop_signal = signal.SIGTERM
    ready_within = 30

    def __init__(self):
        # Not below pytest's folders: those are closed to everybody else.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"gatehouse-{self.name}-"))
        give_away(self.folder)
        self.port = free_port()
        self.process = None
        try:
            self.prepare()
            self.start()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # ---- what a subclass says ----

    def prepare(self):
        """Makes what has to be in the folder before the first start."""

    def command(self):
        raise NotImplementedError

    def says_ready(self, line):
        raise NotImplementedError

    # ---- what a test does ----

    def start(self):
        """Starts it (again, on the same port and files) and waits until it serves."""
        assert not self.running(), f"{self.name} runs already"
        self.process = Process(self.command(), self.name, cwd=self.folder, **unprivileged())
        self.process.wait_for_line(self.says_ready, "that it is ready", self.ready_within)

    def running(self):
        return self.process is not None and self.process.running()

    def stop(self):
        """Ends it as an operator would; clients are cut off."""
        self._end(self.stop_signal)

    def kill(self):
        """`kill -9`."""
        self._end(signal.SIGKILL)

    def restart(self):
        self.stop()
        self.start()

    def freeze(self):
        """SIGSTOP for it and all its processes: connections stay open and nobody answers."""
        self.process.signal(signal.SIGSTOP)
        wait_until(lambda: state_of(self.process.pid) == "T", f"{self.name} to stand still")
        for child in children_of(self.process.pid):
            os.kill(child, signal.SIGSTOP)
            wait_until(lambda: state_of(child) in "TZ", f"a child of {self.name} to stand still")

    def thaw(self):
        """It goes on as if no time had passed."""
        for pid in [*children_of(self.process.pid), self.process.pid]:
            with contextlib.suppress(ProcessLookupError):  # ended while we looked
                os.kill(pid, signal.SIGCONT)

    def close(self):
        """The end of the test: whatever state it is in, it goes, and its files go."""
        if self.running():
            self.thaw()
            self.stop()
        shutil.rmtree(self.folder)

    # ---- for subclasses ----

    def write(self, name, text):
        """A file that only the server may read."""
        path = self.folder / name
        path.touch(0o600)
        path.write_text(text)
        return give_away(path)

    def run(self, command, **environment):
        """A helper program of the server, as the server's user; what it printed."""
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=60,
                              cwd=self.folder, env={**os.environ, "HOME": str(self.folder), **environment}, **unprivileged())
        assert done.returncode == 0, f"{command[0]}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    def _end(self, number):
        self.process.signal(number)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"{self.name} did not end:\n{self.process.output()[-4000:]}") from None
