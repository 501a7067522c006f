"""Disks that fail: full, slow, read-only, broken. What a database on them makes of it is real."""

import contextlib
import errno
import os
import pathlib
import re
import shutil
import signal
import subprocess

from .waiting import wait_until


class SmallDisk:
    """A file system of a few megabytes, mounted at `folder` for one process only: the one that is
    started with `command_prefix`. It lives as long as this object, also when the process is dead."""

    def __init__(self, folder, size="64m"):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.command_prefix = [
            "unshare", "--map-root-user", "--mount", "sh", "-c",
            'mount -t tmpfs -o size="$1" disk "$2" && shift 2 && exec "$@"', "sh", size, str(self.folder)]
        self._descriptor = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._descriptor is not None:
            os.close(self._descriptor)

    def seen_by(self, pid):
        """Looks at it with the eyes of the process; from now on it can be filled."""
        self._descriptor = os.open(f"/proc/{pid}/root{self.folder}", os.O_RDONLY | os.O_DIRECTORY)

    @contextlib.contextmanager
    def full(self):
        """Not one page is left while the block runs."""
        ballast = os.open("ballast", os.O_WRONLY | os.O_CREAT, dir_fd=self._descriptor)
        try:
            with contextlib.suppress(FullError):
                while True:
                    _write(ballast, bytes(1 << 20))
            yield
        finally:
            os.close(ballast)
            os.unlink("ballast", dir_fd=self._descriptor)

    def copy_to(self, folder):
        shutil.copytree(f"/proc/self/fd/{self._descriptor}", folder)


class FullError(Exception):
    """Nothing more fits."""


def _write(descriptor, data):
    while data:
        try:
            data = data[os.write(descriptor, data):]
        except OSError as problem:
            if problem.errno != errno.ENOSPC:
                raise
            if len(data) == 1:
                raise FullError from None
            data = data[:len(data) // 2]


READ_ONLY = ["unshare", "--map-root-user", "--mount", "sh", "-c",
             'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"', "sh"]


def read_only(folder):
    """A command prefix: for the process that is started with it, nothing below `folder` can be
    written."""
    return [*READ_ONLY, str(folder)]


def is_traced(pid):
    """Whether every thread of the process has a tracer."""
    def tracer(task):
        with contextlib.suppress(FileNotFoundError):  # a thread that ended meanwhile
            return re.search(r"TracerPid:\t(\d+)", pathlib.Path(f"/proc/{pid}/task/{task}/status").read_text())[1]
    return "0" not in [tracer(task) for task in os.listdir(f"/proc/{pid}/task")]


@contextlib.contextmanager
def tampered(pid, calls, what):
    """While the block runs, these system calls of the process end otherwise: `error=EIO`,
    `delay_enter=100ms` and whatever else `strace --inject` knows."""
    tracer = subprocess.Popen(["strace", "-f", "-q", "-o", "/dev/null", "-e", f"trace={calls}",
                               "-e", f"inject={calls}:{what}", "-p", str(pid)],
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        wait_until(lambda: tracer.poll() is not None or is_traced(pid), "strace to attach")
        assert tracer.poll() is None, tracer.stderr.read()
        yield
    finally:
        tracer.send_signal(signal.SIGINT)
        try:
            tracer.wait(10)
        except subprocess.TimeoutExpired:
            tracer.kill()
            tracer.wait()
        tracer.stderr.close()
