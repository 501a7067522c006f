"""Whether this machine can run containers, found out by running one."""

import os
import shutil
import tempfile

PROGRAMS = ("buildah", "podman", "runc", "catatonit", "debootstrap")

# It is linked statically, so it needs nothing else in its image.
PROGRAM = shutil.which("catatonit")


def why_not(engine):
    """What is missing, in words; "" where a container was made and run."""
    if os.geteuid() != 0:
        return "containers are only run by root here"
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    if missing:
        return f"not installed: {', '.join(missing)}"
    try:
        with engine.turn(), tempfile.TemporaryDirectory(dir=engine.folder / "tmp") as folder:
            shutil.copy(PROGRAM, folder)
            scratch = engine.buildah("from", "scratch").stdout.strip()
            try:
                engine.buildah("add", scratch, f"{folder}/catatonit", "/catatonit")
                engine.buildah("commit", "--format", "docker", scratch, "localhost/probe")
            finally:
                engine.buildah("rm", scratch, check=False)
        done = engine.run("localhost/probe", "/catatonit", "--version", options=["--network", "none"], timeout=60)
    except Exception as failure:  # whatever it was, it is the reason
        return f"no container runs here: {str(failure)[-600:]}"
    return "" if done.stdout else f"a container ran and said nothing: {done.stderr}"
