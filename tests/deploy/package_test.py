"""The Debian package: installed, run, upgraded over a changed configuration, removed and purged in a
Debian that has seen nothing else, and looked at by lintian."""

import pathlib
import re
import subprocess

import pytest

from containers.package import needs_of
from harness.pages import snippet
from harness.shell import lines_of

pytestmark = pytest.mark.xdist_group("package")  # one of the workers makes it, once

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "release"
UNITS = sorted(file.name for file in (ROOT / "deploy" / "systemd").glob("gatehouse.*"))
WANTED = "/etc/systemd/system/multi-user.target.wants/gatehouse.service"
CONFIG = "/etc/gatehouse/gatehouse.yaml"
AS_SERVICE = ["setpriv", "--reuid", "gatehouse", "--regid", "gatehouse", "--clear-groups", "env", "HOME=/var/lib/gatehouse"]


def run(*words, **options):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=300, **options)
    assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def older(package, tmp_path_factory):
    """The package as it might have been before: a lower version, and another configuration."""
    folder = tmp_path_factory.mktemp("older") / "tree"
    run("dpkg-deb", "-R", package, folder)
    control = folder / "DEBIAN/control"
    control.write_text(re.sub(r"^Version: .*$", "Version: 0.0.9", control.read_text(), flags=re.MULTILINE))
    config = folder / CONFIG[1:]
    config.write_text(config.read_text().replace("Where clients connect", "Where they connect"))
    sums = folder / "DEBIAN/md5sums"
    sums.write_text("".join(line for line in sums.read_text().splitlines(keepends=True) if CONFIG[1:] not in line))
    return pathlib.Path(run("dpkg-deb", "--root-owner-group", "-b", folder, folder.parent).split("'")[-2])


def field(package, name):
    return run("dpkg-deb", "-f", package, name).strip()


# ---- what it is -------------------------------------------------------------------------------

def test_lintian_has_nothing_to_say(package):
    done = subprocess.run(["lintian", "--allow-root", "--no-cfg", "--fail-on", "error,warning", package], capture_output=True,
                          text=True, timeout=300)
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_it_says_what_it_is_and_needs(package):
    assert field(package, "Package") == "gatehouse"
    needs = field(package, "Depends")
    for library in ("libc6 ", "libssl3 ", "libsqlite3-0 ", "libpq5", "adduser"):
        assert library in needs, needs
    assert len(field(package, "Description").splitlines()) > 5


def test_every_file_belongs_to_root_and_one_is_for_the_administrator(package):
    lines = run("dpkg-deb", "-c", package).splitlines()
    assert [line for line in lines if " root/root " not in line] == []
    names = [line.split()[5] for line in lines]
    for name in ("./usr/bin/gatehouse", "./usr/share/man/man1/gatehouse.1.gz", "./usr/share/man/man5/gatehouse.yaml.5.gz",
                 "./usr/share/doc/gatehouse/copyright", "./usr/share/doc/gatehouse/changelog.gz", "." + CONFIG,
                 "./usr/share/gatehouse/gatehouse.schema.json", *(f"./usr/lib/systemd/system/{unit}" for unit in UNITS)):
        assert name in names
    assert run("dpkg-deb", "-I", package, "conffiles").split() == [CONFIG]


def test_the_version_of_the_package_is_that_of_the_program(package):
    version = run(BUILD / "gatehouse", "version").split()[1]
    assert field(package, "Version") == version
    assert f"({version})" in (ROOT / "deploy/debian/changelog").read_text().splitlines()[0]


# ---- what becomes of it -----------------------------------------------------------------------

@pytest.fixture
def machine(engine, debian, start, package, older):
    """A Debian with what the package needs and without the package, as root and without a network."""
    needed = needs_of(package)
    image = engine.image("localhost/gatehouse-needs:test", [
        f"FROM {debian}",
        f"RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends {' '.join(needed)} >/dev/null"])
    container = start(image, "sleep", "infinity", options=["--network", "none", "--init=false"])
    for file in (older, package):
        engine.podman("cp", file, f"{container.id}:/tmp/{'older' if file == older else 'package'}.deb")
    return container


def dpkg(machine, *words):
    return machine.exec("dpkg", *words, options=["--env", "DEBIAN_FRONTEND=noninteractive"]).stdout


def state_of(machine):
    done = machine.exec("dpkg-query", "-W", "-f", "${db:Status-Abbrev}", "gatehouse", check=False)
    return done.stdout.strip()


def is_there(machine, path):
    return machine.exec("test", "-e", path, check=False).returncode == 0


SHOWN_AFTERWARDS = snippet("docs/PACKAGES.md", "systemctl restart")
SHOWN_FOR_OPERATORS = snippet("docs/PACKAGES.md", "sudo -u gatehouse")

# In a container root is asked for nothing, and no systemd is there to restart anything.
STAND_INS = f"""sudo() {{ if [ "$1" = -u ]; then shift 2; {' '.join(AS_SERVICE)} "$@"; else "$@"; fi; }}
systemctl() {{ [ "$*" = "restart gatehouse" ]; }}"""


def with_a_gateway(machine, *lines):
    """Runs the service's program as the service's user, the lines beside it, and stops it: by SIGTERM."""
    script = "\n".join([
        "set -e",
        f"cd /var/lib/gatehouse; {' '.join(AS_SERVICE)} gatehouse run --config {CONFIG} >/tmp/log 2>&1 & gateway=$!",
        f"i=0; until gatehouse health --ready --config {CONFIG} >/dev/null 2>&1; do",
        "    kill -0 $gateway || { cat /tmp/log; exit 1; }; i=$((i + 1)); [ $i -lt 600 ] || { cat /tmp/log; exit 1; }",
        "    sleep 0.05; done",
        *lines,
        "kill -TERM $gateway; wait $gateway"])
    return machine.exec("sh", "-c", script).stdout


def test_a_life_of_the_package(machine):
    dpkg(machine, "-i", "/tmp/older.deb")
    assert state_of(machine) == "ii"
    assert machine.exec("stat", "-c", "%U %G %a", "/var/lib/gatehouse").stdout.split() == ["gatehouse", "gatehouse", "700"]
    assert machine.exec("getent", "passwd", "gatehouse").stdout.rstrip().endswith("/usr/sbin/nologin")
    checked = machine.exec("gatehouse", "check", "--config", CONFIG)
    assert checked.stderr == ""
    assert is_there(machine, WANTED) == ("gatehouse.service" in UNITS), "the service is switched on"

    with_a_gateway(machine, "cd /var/lib/gatehouse", STAND_INS, SHOWN_AFTERWARDS, SHOWN_FOR_OPERATORS,
                   f"echo 'correct horse battery' | {' '.join(AS_SERVICE)} gatehouse user add ada --password-stdin --config {CONFIG}")

    # The administrator changed the configuration, and so did the package: theirs stays.
    machine.exec("sh", "-c", f"echo '# mine' >> {CONFIG}")
    dpkg(machine, "--force-confdef", "--force-confold", "-i", "/tmp/package.deb")
    assert state_of(machine) == "ii"
    assert machine.exec("tail", "-n", "1", CONFIG).stdout == "# mine\n"
    assert is_there(machine, CONFIG + ".dpkg-dist")
    assert "ada" in with_a_gateway(machine, f"{' '.join(AS_SERVICE)} gatehouse user list --config {CONFIG}")

    # What is removed can come back; what is purged is gone.
    dpkg(machine, "-r", "gatehouse")
    assert state_of(machine) == "rc"
    assert not is_there(machine, "/usr/bin/gatehouse")
    assert is_there(machine, "/var/lib/gatehouse/gatehouse.db") and is_there(machine, CONFIG)
    dpkg(machine, "-i", "/tmp/package.deb")
    assert "ada" in with_a_gateway(machine, f"{' '.join(AS_SERVICE)} gatehouse user list --config {CONFIG}")
    dpkg(machine, "-P", "gatehouse")
    left = machine.exec("sh", "-c", "find / -xdev -path /proc -prune -o -path /sys -prune -o -name '*gatehouse*' -print").stdout
    assert [path for path in left.split() if not path.startswith("/tmp/")] == []
    assert state_of(machine) in ("", "un")


def test_what_the_administrator_switched_off_stays_off(machine):
    dpkg(machine, "-i", "/tmp/older.deb")
    machine.exec("rm", "-f", WANTED)
    dpkg(machine, "-i", "/tmp/package.deb")
    assert not is_there(machine, WANTED)


def test_a_changed_configuration_alone_is_updated_silently(machine):
    dpkg(machine, "-i", "/tmp/older.deb")
    dpkg(machine, "-i", "/tmp/package.deb")
    assert "# Where clients connect" in machine.exec("cat", CONFIG).stdout
    assert not is_there(machine, CONFIG + ".dpkg-dist")


def test_a_socket_that_was_switched_on_goes_with_the_package(machine):
    dpkg(machine, "-i", "/tmp/older.deb")
    link = "/etc/systemd/system/sockets.target.wants/gatehouse.socket"
    assert not is_there(machine, link), "nobody has asked for it"
    machine.exec("sh", "-c", "mkdir -p ${0%/*} && ln -s /lib/systemd/system/gatehouse.socket $0", link)
    dpkg(machine, "-i", "/tmp/package.deb")
    assert is_there(machine, link)
    dpkg(machine, "-P", "gatehouse")
    assert machine.exec("test", "-L", link, check=False).returncode != 0
