"""A Debian that systemd runs, like a server: units are really started, by the manager they were written for."""

from .base import debian_image
from .pods import Pod

IMAGE = "localhost/gatehouse-machine:test"

# What is behind the gateway on that machine.
BACKEND = """[Service]
ExecStart=/usr/bin/python3 -m http.server 3000 --bind 127.0.0.1 --directory /srv
"""

# What would change the machine that the container runs on, which is allowed to: systemd needs most rights.
MASKED = ["systemd-sysctl.service", "systemd-modules-load.service", "systemd-binfmt.service", "systemd-timesyncd.service",
          "systemd-networkd.service", "systemd-resolved.service", "systemd-udevd.service", "systemd-udev-trigger.service",
          "systemd-journald-audit.socket", "dev-hugepages.mount", "sys-kernel-debug.mount", "sys-kernel-tracing.mount",
          "sys-fs-fuse-connections.mount", "apt-daily.timer", "apt-daily-upgrade.timer", "getty@tty1.service",
          "console-getty.service"]


def machine_image(engine, needed):
    """The name of the image, with the Debian packages in `needed`; made once and kept."""
    words = " ".join(["systemd", "dbus", "python3", *needed])
    backend = BACKEND.replace("\n", "\\n")
    return engine.image(IMAGE, [
        f"FROM {debian_image(engine)}",
        f"RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends {words} >/dev/null",
        f"RUN cd /etc/systemd/system && for unit in {' '.join(MASKED)}; do ln -sf /dev/null $unit; done && "
        f"printf '{backend}' >backend.service && mkdir /srv/public && echo here >/srv/public/index.html && rm -f /usr/sbin/policy-rc.d"])


class Machine:
    """Such a machine, with a cable to it: `address` is reached from here alone."""

    def __init__(self, start, engine, image):
        self.container = start(image, "/lib/systemd/systemd",
                               options=["--systemd=always", "--privileged", "--network", "none"])
        self.address = Pod.link(engine, self.container.pid)
        self.systemctl("is-system-running", "--wait", check=False)
        self.systemctl("start", "backend")

    def run(self, *words, **options):
        """A command on it; the finished process."""
        return self.container.exec(*words, **options)

    def systemctl(self, *words, check=True):
        return self.run("systemctl", "--no-pager", *words, check=check)

    def is_active(self, unit):
        return self.systemctl("is-active", unit, check=False).stdout.strip()

    def property(self, unit, name):
        return self.systemctl("show", "--value", "--property", name, unit).stdout.strip()

    def kill(self, signal, pid):
        self.run("sh", "-c", f"kill -{signal} {pid}")  # the program of that name need not be there

    def journal(self, unit):
        return self.run("journalctl", "--no-pager", "--unit", unit).stdout

    def write(self, path, text):
        self.run("sh", "-c", 'cat >"$0"', path, stdin=text)

    def install(self, package):
        """Installs a package whose needs are in the image."""
        self.container.engine.podman("cp", package, f"{self.container.id}:/tmp/package.deb")
        self.run("dpkg", "-i", "/tmp/package.deb", options=["--env", "DEBIAN_FRONTEND=noninteractive"])

    def drop_in(self, unit, section, *lines):
        """What an administrator adds to a unit; no lines take it away again."""
        folder = f"/etc/systemd/system/{unit}.d"
        if lines:
            self.run("mkdir", "-p", folder)
            self.write(f"{folder}/test.conf", "\n".join([f"[{section}]", *lines, ""]))
        else:
            self.run("rm", "-rf", folder)
        self.systemctl("daemon-reload")
