"""A child process whose output is kept, and which never outlives its test."""

import os
import signal
import subprocess
import threading


class Process:
    """Runs a command; both its outputs are collected line by line, or go to the file `sink`."""

    def __init__(self, command, name, sink=None, **popen):
        self.name = name
        self._lines = []
        self._cut = False  # the last line has no end: whoever wrote it was killed
        self._changed = threading.Condition()
        self._child = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.DEVNULL,
            stdout=sink or subprocess.PIPE, stderr=subprocess.STDOUT, **popen)
        self._reader = threading.Thread(target=self._read if sink is None else lambda: None, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self._child.stdout:
            with self._changed:
                self._lines.append(line.decode("utf-8", "replace").rstrip("\n"))
                self._cut = not line.endswith(b"\n")
                self._changed.notify_all()
        with self._changed:
            self._lines.append(None)
            self._changed.notify_all()

    @property
    def pid(self):
        return self._child.pid

    def lines(self):
        """Everything printed so far."""
        with self._changed:
            return [line for line in self._lines if line is not None]

    def whole_lines(self):
        """The same without one that was cut off."""
        with self._changed:
            lines = [line for line in self._lines if line is not None]
            return lines[:-1] if self._cut else lines

    def output(self):
        return "\n".join(self.lines())

    def wait_for_line(self, matches, what, timeout=30.0):
        """The first line, past or future, for which `matches(line)` is true."""
        def found():
            return next((line for line in self._lines if line is not None and matches(line)), None)

        with self._changed:
            self._changed.wait_for(lambda: found() is not None or None in self._lines[-1:], timeout)
            line = found()
        assert line is not None, f"{self.name} never printed {what}; it printed:\n{self.output()}"
        return line

    def running(self):
        return self._child.poll() is None

    def signal(self, number):
        self._child.send_signal(number)

    def wait(self, timeout=40.0):
        """The exit status, once the process has ended and its last output is read."""
        status = self._child.wait(timeout)
        self._reader.join(timeout)
        return status

    def stop(self, timeout=10.0):
        """Asks it to end, and insists."""
        if self.running():
            self.signal(signal.SIGTERM)
        try:
            return self.wait(timeout)
        except subprocess.TimeoutExpired:
            self._child.kill()
            return self.wait(timeout)

    def kill(self):
        self._child.kill()
        return self.wait()

    def resident_bytes(self):
        """Anonymous and file-backed memory that is in RAM now."""
        with open(f"/proc/{self.pid}/statm") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def open_files(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))
