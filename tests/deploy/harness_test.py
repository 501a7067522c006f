"""The machinery of these tests, tried before anything is built on it."""

import os
import pathlib

from containers import Engine
from containers.engine import OWNER
from containers.pods import why_no_cable


def test_a_debian_runs_in_a_container(engine, debian):
    done = engine.run(debian, "cat", "/etc/os-release", options=["--network", "none"])
    assert "VERSION_CODENAME=bookworm" in done.stdout


def test_a_container_lives_until_it_is_stopped(start, debian):
    script = "trap 'exit 7' TERM; echo up; while :; do sleep 0.05; done"
    container = start(debian, "sh", "-c", script, options=["--network", "none"])
    assert container.running()
    assert container.exec("cat", stdin="told\n").stdout == "told\n"
    assert pathlib.Path(f"/proc/{container.pid}").exists()
    assert container.stop() == 7
    assert "up" in container.logs()


def test_what_a_killed_run_left_is_swept_away_and_nothing_else(engine, start, debian):
    ended = os.spawnlp(os.P_NOWAIT, "true", "true")
    os.waitpid(ended, 0)
    mine = start(debian, "sleep", "infinity", options=["--network", "none"])
    left = start(debian, "sleep", "infinity", options=["--network", "none", "--label", f"{OWNER}={ended}"])
    engine.sweep()
    present = engine.podman("ps", "--all", "--no-trunc", "--format", "{{.ID}}").stdout.split()
    assert mine.id in present
    assert left.id not in present


def test_where_no_cable_can_be_laid_there_is_a_reason(engine, monkeypatch):
    """Those who need one skip with it."""
    def call(*words, check=True, timeout=120):
        raise AssertionError("RTNETLINK answers: Operation not supported")
    monkeypatch.setattr(engine, "call", call)
    assert "Operation not supported" in why_no_cable(engine)


def test_images_are_kept_apart_from_those_of_the_machine(engine, debian):
    assert engine.podman("info", "--format", "{{.Store.GraphRoot}}").stdout.strip() == str(engine.folder / "storage")
    assert Engine(engine.folder).has_image(debian)
