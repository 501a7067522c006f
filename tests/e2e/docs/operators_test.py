"""docs/OPERATIONS.md, docs/STORE.md, docs/SESSIONS.md: what is typed while it runs, and what is told."""

import re

import pytest
import yaml

from harness import Gateway, wait_until
from harness.pages import ROOT, snippet
from harness.postgres import Postgres
from harness.second_factor import enrol, go_on, half
from harness.shell import lines_of


def test_a_reload_is_asked_for_as_shown(start_gateway, backend, shell_of):
    gateway = start_gateway(backend, reload={"watch": False})
    gateway.settings["drain"] = {"delay": "1s"}
    gateway.write_config()
    shell_of(gateway, {"$(pidof gatehouse)": str(gateway.pid)}).type(snippet("docs/OPERATIONS.md", "kill -HUP"))
    wait_until(lambda: gateway.metric("gatehouse_config_generation") == 2, "the new settings")


def test_a_log_is_set_up_and_rotated_as_shown(start_gateway, backend, shell_of, tmp_path):
    folder = tmp_path / "log"
    folder.mkdir()

    def here(text):
        return text.replace("/var/log/gatehouse", str(folder))
    gateway = start_gateway(backend, **yaml.safe_load(here(snippet("docs/OPERATIONS.md", "sample: 0.1"))))
    log = folder / "gatehouse.log"
    gateway.ask("GET", "/refused")
    wait_until(lambda: "/refused" in log.read_text(), "the line of the refusal")

    rotation = here(snippet("docs/OPERATIONS.md", "postrotate"))
    assert rotation.startswith(f"{log} {{")
    [command] = re.findall(r"postrotate\n(.*)\n *endscript", rotation)
    assert command.strip() == "pkill -USR1 -x gatehouse"
    log.rename(folder / "gatehouse.log.1")
    shell_of(gateway, {"pkill -USR1 -x gatehouse": f"kill -USR1 {gateway.pid}"}).type(command)
    wait_until(log.exists, "the new file")


def test_the_simulation_is_run_as_shown(shell):
    labels, many, one, planted = [line for line, _ in lines_of(snippet("docs/SESSIONS.md", "tests/simulation/run --seeds"))]
    place = shell(ROOT, replaced={"--seeds 1000000": "--seeds 20"})
    assert labels == "tests/run simulation" and "simulation" in place.type("tests/run --list")[0].output
    place.type("\n".join([many, one]))
    [broken] = place.type(planted, may_fail=["--bug"])
    assert broken.status == 1 and "logout" in broken.output


def headings(table):
    return [re.split(r" {2,}", line)[0] for line in table.splitlines()]


@pytest.fixture
def server():
    with Postgres() as running:
        yield running


def test_the_store_is_looked_into_as_shown(tmp_path, server, backend, shell_of):
    (tmp_path / "password").write_text(server.password)
    gateway = Gateway(tmp_path, backend, store=server.store(), postgres={"password_file": "password"}, logout="confirmed",
                      environment={"SEALING_SECRET": "s" * 40})
    try:
        command, *shown = snippet("docs/STORE.md", "$ gatehouse store status").splitlines()
        place = shell_of(gateway, environment=gateway.environment)
        told = wait_until(lambda: "housekeeping" in (text := place.type(command.removeprefix("$ "))[0].output) and text, "a lease")
        assert sorted(set(headings("\n".join(shown)))) == sorted(set(headings(told)))
        number = re.search(r"version   (.*)", "\n".join(shown))[1]
        assert number in told, "the version on the page is this one's"
    finally:
        gateway.stop()


def test_the_audit_is_read_as_shown(gateway, shell_of):
    gateway.auth().register("ada")
    gateway.auth().call("/login", {"username": "ada", "password": "wrong password"})
    gateway.command("user", "set-roles", "ada", "admin", "editor")
    command, heading, *rows = snippet("docs/STORE.md", "$ gatehouse audit").splitlines()
    place = shell_of(gateway)

    def told():
        [step] = place.type(command.removeprefix("$ "))
        return step.output if "invalid_credentials" in step.output else None
    first, *lines = wait_until(told, "the refusal to be written").splitlines()
    assert first.split() == heading.split()
    roles, shown = [next(line for line in table if "user_roles" in line).split() for table in (lines, rows)]
    assert len(roles) == len(shown) and roles[1:3] == shown[1:3] and roles[-1] == shown[-1] == "admin,editor"


def without_figures(line):
    return ["..." if re.fullmatch(r"\d+|[0-9a-f]{16,}", word) else word for word in line.split()]


def test_a_store_moves_as_shown(tmp_path, server, start_gateway, backend, shell_of):
    gateway = start_gateway(backend)
    gateway.auth().register("ada")
    gateway.stop()
    (gateway.folder / "password").write_text(server.password)
    (gateway.folder / "new.yaml").write_text("postgres: {password_file: password}\n")
    command, *shown = snippet("docs/STORE.md", "$ gatehouse store copy").splitlines()
    [step] = shell_of(gateway, {"postgres://gatehouse@db/gatehouse": server.store()}).type(command.removeprefix("$ "))
    told = [without_figures(line) for line in step.output.splitlines()]
    assert [line for line in shown if line != "..." and without_figures(line) not in told] == []


# ---- work that comes up -----------------------------------------------------------------------


def test_keys_are_rotated_as_shown(gateway, shell_of):
    pair = gateway.auth().register("ada")
    listed, _ = shell_of(gateway).type(snippet("docs/OPERATIONS.md", "gatehouse keys rotate"))
    assert "active" in listed.output
    assert gateway.ask("GET", "/", pair.bearer).status == 200
    gateway.auth().refresh(pair)


def test_keys_that_leaked_are_made_anew(gateway, tmp_path, server, backend):
    """Without the file, or without the rows, there are new ones."""
    (tmp_path / "password").write_text(server.password)
    sealed = Gateway(tmp_path / "sealed", backend, store=server.store(), postgres={"password_file": str(tmp_path / "password")},
                     environment={"SEALING_SECRET": "s" * 40})
    try:
        for running, forget in ((gateway, (gateway.folder / "gatehouse.db.keys.json").unlink),
                                (sealed, lambda: server.sql("DELETE FROM gatehouse.kept_keys"))):
            pair = running.auth().register("ada")
            running.stop()
            forget()
            running.start()
            assert running.ask("GET", "/", pair.bearer).error_code() == "token_invalid"
            assert running.auth().try_refresh(pair.refresh).error_code() == "refresh_token_invalid"
            running.auth().login("ada")
    finally:
        sealed.stop()


def test_a_backup_is_made_and_restored_as_shown(gateway, shell_of):
    place = shell_of(gateway)
    before = gateway.auth().register("ada")
    app, _ = enrol(gateway, before)
    place.type(snippet("docs/OPERATIONS.md", ".backup copy.db"))
    copies = sorted(gateway.folder.glob("copy.*"))
    assert len(copies) == 3 and {copy.stat().st_mode & 0o777 for copy in copies} == {0o600}
    gateway.auth().register("bob")
    spent = gateway.auth().refresh(before)
    gateway.stop()
    for file in gateway.folder.glob("gatehouse.db*"):
        file.unlink()  # the disk is a new one
    *_, fenced = place.type(snippet("docs/OPERATIONS.md", "gatehouse store fence"))
    assert "1 sessions" in fenced.output
    assert "every user" not in gateway.command("check").stderr
    gateway.start()
    for pair in (before, spent):
        assert gateway.auth().try_refresh(pair.refresh).status == 403
    assert go_on(gateway, half(gateway)["loginToken"], app.fresh()).status == 200
    assert gateway.auth().call("/login", {"username": "bob", "password": "correct horse battery"}).status == 401


def test_an_upgrade_begins_as_shown(gateway, shell_of):
    pair = gateway.auth().register("ada")
    gateway.settings.pop("routes")  # their services need not be reached for this
    gateway.write_config()
    gateway.stop()
    _, status, _ = shell_of(gateway).type(snippet("docs/OPERATIONS.md", "gatehouse store migrate"))
    assert "for programs that know" in status.output
    gateway.start()
    gateway.auth().refresh(pair)
