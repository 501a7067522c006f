"""The image that `FROM debian:bookworm-slim` means, made from Debian's packages once and kept."""

import pathlib
import shutil
import tempfile

DEBIAN = "docker.io/library/debian:bookworm-slim"

SUITE, MIRROR = "bookworm", "http://deb.debian.org"

# As in the published image: all three suites, no service that starts by itself, no manuals, and no
# waiting for the disk after each package.
SOURCES = f"""Types: deb
URIs: {MIRROR}/debian
Suites: {SUITE} {SUITE}-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: {MIRROR}/debian-security
Suites: {SUITE}-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
"""
NO_SERVICES = "#!/bin/sh\nexit 101\n"
SLIM = """force-unsafe-io
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/man/*
path-exclude /usr/share/locale/*
"""


def debian_image(engine):
    """Its name; makes it when it is not there yet."""
    with engine.turn():
        if not engine.has_image(DEBIAN):
            _make(engine)
    return DEBIAN


def _make(engine):
    folder = tempfile.mkdtemp(dir=engine.folder / "tmp")
    scratch = ""
    try:
        engine.call("debootstrap", "--variant=minbase", SUITE, folder, f"{MIRROR}/debian", timeout=600)
        _furnish(folder)
        scratch = engine.buildah("from", "scratch").stdout.strip()
        engine.buildah("add", scratch, folder, "/", timeout=300)
        engine.buildah("config", "--cmd", "bash", "--env", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                       scratch)
        engine.buildah("commit", "--format", "docker", scratch, DEBIAN, timeout=300)
    finally:
        if scratch:
            engine.buildah("rm", scratch, check=False)
        shutil.rmtree(folder, ignore_errors=True)


def _furnish(folder):
    def write(path, text, mode=0o644):
        file = pathlib.Path(folder) / path
        file.write_text(text)
        file.chmod(mode)

    pathlib.Path(folder, "etc/apt/sources.list").unlink()
    write("etc/apt/sources.list.d/debian.sources", SOURCES)
    write("etc/dpkg/dpkg.cfg.d/slim", SLIM)
    write("usr/sbin/policy-rc.d", NO_SERVICES, 0o755)
    for cache in ("var/cache/apt/archives", "var/lib/apt/lists"):
        for file in pathlib.Path(folder, cache).rglob("*"):
            if file.is_file():
                file.unlink()
