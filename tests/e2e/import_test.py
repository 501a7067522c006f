"""Accounts of another system move in with their ids and passwords."""

import json
import sqlite3

import pytest

from harness import wait_until

ANN = {"_id": {"$oid": "65a1b2c3d4e5f60718293a4b"}, "username": "ann", "email": "Ann@Example.com",
       "password": "$2b$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK",  # U*U*
       "roles": {"User": 2001, "Editor": 1984}, "createdAt": {"$date": "2020-02-29T12:00:00.000Z"}, "__v": 0}
BOB = {"_id": "bob:1", "email": "bob@example.com", "name": "Bob",
       "password": "$scrypt$ln=4,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$OAkZqUBelG6VIYdTJfYSENL5OmZRxMa3GwXn5oFliTg"}
EVE = {"_id": "e v e", "user": "eve", "role": "admin",
       "password": "$argon2i$v=19$m=256,t=2,p=2$c29tZXNhbHQ$T/XOJ2mh1/TIpJHfCdQan76Q5esCFVoT5MAeIM1Oq2E"}
PASSWORDS = {"ann": "U*U*", "bob@example.com": "correct horse", "eve": "password"}


@pytest.fixture
def gateway(start_gateway, backend):
    return start_gateway(backend)


@pytest.fixture
def move_in(gateway, tmp_path):
    """Runs `user import` on these records, or raw lines."""
    def run(*records, words=(), check=True):
        file = tmp_path / "users.json"
        file.write_text("".join((each if isinstance(each, str) else json.dumps(each)) + "\n" for each in records))
        return gateway.command("user", "import", str(file), *words, check=check)
    return run


def hashes(gateway):
    with sqlite3.connect(gateway.folder / "gatehouse.db") as database:
        return {row[0]: row[1] for row in database.execute("SELECT coalesce(username, email), password_hash FROM users")}


def test_imported_people_log_in_as_before_and_are_hashed_anew(gateway, move_in):
    done = move_in(ANN, "", BOB, EVE)
    assert done.stdout == "3 imported, 0 there already\n"
    assert ':4: gets a new id: "e v e" cannot travel in a header' in done.stderr
    auth = gateway.auth()
    pairs = {name: auth.login(name, password) for name, password in PASSWORDS.items()}
    assert pairs["ann"].user_id == "65a1b2c3d4e5f60718293a4b", "what services know them by"
    assert auth.me(pairs["ann"]) == {"id": pairs["ann"].user_id, "username": "ann", "email": "Ann@Example.com",
                                     "emailVerified": False, "roles": ["2001", "1984"], "created": "2020-02-29T12:00:00Z"}
    assert auth.me(pairs["bob@example.com"])["username"] is None and pairs["bob@example.com"].user_id == "bob:1"
    assert auth.me(pairs["eve"])["roles"] == ["admin"]
    assert gateway.ask("GET", "/", pairs["ann"].bearer).status == 200
    assert all(each.startswith("$argon2id$") for each in hashes(gateway).values()), "after the first login"
    for name in PASSWORDS:
        assert auth.call("/login", {"username": name, "password": "wrong password"}).status == 401
        auth.login(name, PASSWORDS[name])


def test_the_command_can_be_repeated_and_rehearsed(gateway, move_in):
    rehearsed = move_in(ANN, EVE, words=["--dry-run"])
    assert rehearsed.stdout == "2 would be imported, 0 there already; nothing was changed\n"
    assert hashes(gateway) == {}
    assert move_in(ANN, EVE).stdout == "2 imported, 0 there already\n"
    before = hashes(gateway)
    again = move_in(ANN, BOB, EVE)
    assert again.stdout == "1 imported, 2 there already\n"
    assert ":1: is there already" in again.stderr and ":3: is there already" in again.stderr
    assert {**hashes(gateway), **before} == hashes(gateway) and len(hashes(gateway)) == 3
    gateway.auth().login("ann", "U*U*")
    assert move_in(ANN, words=["--dry-run"]).stdout == "0 would be imported, 1 there already; nothing was changed\n"
    assert hashes(gateway)["ann"] != before["ann"], "a new hash is not undone"


def test_an_account_that_was_deleted_moves_in_again(gateway, move_in):
    move_in(ANN)
    auth = gateway.auth()
    before = auth.login("ann", "U*U*")
    gateway.command("user", "delete", "ann")
    wait_until(lambda: gateway.ask("GET", "/items", before.bearer).status == 401, "her end to be heard")
    assert move_in(ANN).stdout == "1 imported, 0 there already\n"
    again = auth.login("ann", "U*U*")
    assert again.user_id == before.user_id
    wait_until(lambda: gateway.ask("GET", "/items", again.bearer).status == 200, "her return to be heard", 5)
    assert gateway.ask("GET", "/items", before.bearer).error_code() == "token_revoked"


def test_one_mistake_keeps_everybody_out_and_all_are_told(gateway, move_in):
    gateway.auth().register("taken")
    lines = [ANN, "{", {**BOB, "password": "hunter2"}, {**EVE, "user": "a@b", "createdAt": "yesterday"},
             {**BOB, "_id": ANN["_id"]}, {**EVE, "username": "ANN"}, {**EVE, "_id": "2", "user": "taken"},
             {**EVE, "_id": "3", "user": "dear", "password": EVE["password"].replace("m=256", "m=4194304")},
             {**EVE, "_id": "4", "user": "old", "password": EVE["password"].replace("argon2i", "argon2x")}]
    for words in [], ["--dry-run"]:
        refused = move_in(*lines, words=words, check=False)
        assert refused.returncode == 2 and refused.stdout == ""
        told = refused.stderr
        for line, what in [(2, "is no JSON"), (3, "password: is no hash"), (4, "user: must not contain @"),
                           (4, "createdAt: is no time"), (5, "_id: is that of line 1"), (6, "username: is a name of line 1"),
                           (7, "somebody else has one of its names"), (8, "needs more memory than passwords.memory"),
                           (9, "password: is no hash")]:
            where = [each for each in told.splitlines() if f"users.json:{line}: " in each]
            assert any(what in each for each in where), (line, what, told)
        assert "9 mistakes; nothing was imported" in told
        assert "hunter2" not in told
        assert set(hashes(gateway)) == {"taken"}


@pytest.mark.parametrize("workers", [1], ids=[""])
def test_who_did_not_move_in_is_not_said_to_be_there(gateway, move_in):
    with sqlite3.connect(gateway.folder / "gatehouse.db") as database:
        database.execute("CREATE TRIGGER keeps_bob_out BEFORE INSERT ON users WHEN NEW.id = 'bob:1' "
                         "BEGIN SELECT RAISE(FAIL, 'no room'); END")
    done = move_in(ANN, BOB, check=False)
    assert (done.returncode, done.stdout) == (1, "1 imported, 0 there already; 1 not: run the command again\n")
    told = [line for line in done.stderr.splitlines() if ":2: " in line]
    assert len(told) == 1 and ":2: not imported: " in told[0], told


def test_it_reads_standard_input_and_says_what_it_cannot_read(gateway):
    done = gateway.command("user", "import", "-", stdin="\ufeff" + json.dumps(ANN) + "\r\n")
    assert done.stdout == "1 imported, 0 there already\n"
    array = gateway.command("user", "import", "-", stdin=json.dumps([ANN]), check=False)
    assert array.returncode == 2 and "without --jsonArray" in array.stderr
    missing = gateway.command("user", "import", "/nowhere.json", check=False)
    assert missing.returncode == 1 and "cannot be read" in missing.stderr
    folder = gateway.command("user", "import", "/", check=False)
    assert (folder.returncode, folder.stdout) == (1, "") and "cannot be read" in folder.stderr
    empty = gateway.command("user", "import", "-", stdin="")
    assert empty.stdout == "0 imported, 0 there already\n"


def test_a_thousand_move_in_at_once(gateway, move_in):
    people = [{"username": f"user{number}", "password": ANN["password"]} for number in range(1000)]
    assert move_in(*people).stdout == "1000 imported, 0 there already\n"
    assert move_in(*people).stdout == "0 imported, 1000 there already\n"
    gateway.auth().login("user999", "U*U*")
    with sqlite3.connect(gateway.folder / "gatehouse.db") as database:
        assert database.execute("SELECT count(*) FROM audit WHERE event = 'user_import'").fetchone() == (1000,)
