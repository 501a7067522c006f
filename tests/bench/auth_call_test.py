"""Calls of the auth API: what they look like, and how their commits are counted."""

import json
import sqlite3
from types import SimpleNamespace

import pytest

from accounts import Lines, claims_of, person
from measure import require_enough
from stores import commits_of
from workloads import WORKLOADS, AuthCall

NAMES = ["person-000001", "person-000002"]
AUTH_CALLS = [workload for workload in WORKLOADS.values() if isinstance(workload, AuthCall)]


@pytest.mark.parametrize("call", AUTH_CALLS, ids=lambda call: call.name)
def test_a_call_is_whole_once_its_line_is_in(call, tmp_path):
    lines = Lines.write(tmp_path / "lines", NAMES)
    peer = SimpleNamespace(accounts=SimpleNamespace(**{call.whose: lines}))
    for name in NAMES:
        head, body = call.request(peer).decode().replace("{token}", name).split("\r\n\r\n")
        assert f"\r\nContent-Length: {len(body)}" in head
        assert name in json.loads(body).values()


@pytest.mark.parametrize("endless, used, enough", [(False, 2, True), (False, 3, False), (True, 3, True)])
def test_only_endless_lines_may_be_used_again(endless, used, enough, tmp_path):
    lines = Lines.write(tmp_path / "lines", NAMES, endless)
    if enough:
        require_enough(lines, used)
    else:
        with pytest.raises(AssertionError, match="3 lines were used, lines has 2"):
            require_enough(lines, used)


def test_a_commit_counts_once_however_much_it_writes(tmp_path):
    store = tmp_path / "some.db"
    database = sqlite3.connect(store, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("CREATE TABLE t (n)")
    before = commits_of(store)
    for _ in range(3):
        database.execute("BEGIN")
        database.executemany("INSERT INTO t VALUES (?)", [(number,) for number in range(1000)])
        database.execute("COMMIT")
    database.execute("SELECT count(*) FROM t").fetchall()
    assert commits_of(store) - before == 3
    database.close()


def test_a_person_is_who_the_token_says():
    payload = "eyJzdWIiOiJ1c2VyIiwic2lkIjoic2Vzc2lvbiIsImlhdCI6MTAwLCJleHAiOjIwMH0"  # without its padding
    assert person("ada", claims_of(f"head.{payload}.signature")) == "ada user session 100 200"
