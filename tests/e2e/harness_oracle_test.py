"""The oracle against gateways that lie: what it does not notice here, no test would notice."""

import json
import random
import threading

import pytest

from harness.oracle import Oracle
from harness.raw_client import ConnectionEnded, Response

CLIENTS = 4


class Truth:
    """What all replicas know: names, and sessions with their generation."""

    def __init__(self):
        self.lock = threading.Lock()
        self.users = {}
        self.sessions = {}


class FakeGateway:
    """The auth API as far as the oracle uses it, on a Truth. Honest; those below are not."""

    def __init__(self, truth):
        self.truth = truth

    def connect(self):
        return self

    def close(self):
        pass

    def exchange(self, method, target, fields=(), body=None):
        asked = json.loads(body) if body else {}
        bearer = dict(fields).get("Authorization", "").removeprefix("Bearer access.")
        with self.truth.lock:
            return {"/auth/register": self.register, "/auth/login": self.login, "/auth/logout": self.logout,
                    "/auth/refresh-token": self.refresh}.get(target, lambda _: self.me(bearer))(asked)

    def register(self, asked):
        if asked["username"] in self.truth.users:
            return refused(409, "name_taken")
        self.truth.users[asked["username"]] = f"u{len(self.truth.users)}"
        return self.login(asked, 201)

    def login(self, asked, status=200):
        user = self.truth.users.get(asked["username"])
        if user is None:
            return refused(401, "invalid_credentials")
        session = {"id": f"s{len(self.truth.sessions)}", "user": user, "generation": 1, "ended": False}
        self.truth.sessions[session["id"]] = session
        return pair(session, status)

    def refresh(self, asked):
        session, generation = self.session_of(asked)
        if session["ended"]:
            return refused(403, "refresh_token_revoked")
        if generation != session["generation"]:
            return self.refuse_other_generation(session, generation)
        session["generation"] += 1
        return pair(session)

    def refuse_other_generation(self, session, generation):
        return refused(403, "refresh_token_reused" if generation < session["generation"] else "refresh_token_invalid")

    def logout(self, asked):
        self.session_of(asked)[0]["ended"] = True
        return Response(204, "", [])

    def me(self, session_id):
        if self.truth.sessions[session_id]["ended"]:
            return refused(401, "token_revoked")
        return Response(200, "", [], b"{}")

    def session_of(self, asked):
        _, session_id, generation = asked["refreshToken"].split(".")
        return self.truth.sessions[session_id], int(generation)


def pair(session, status=200):
    told = {"accessToken": f"access.{session['id']}", "expiresIn": 1, "user": {"id": session["user"]},
            "refreshToken": f"refresh.{session['id']}.{session['generation']}"}
    return Response(status, "", [], json.dumps(told).encode())


def refused(status, code, fields=()):
    return Response(status, "", list(fields), json.dumps({"error": {"code": code}}).encode())


class Unreliable(FakeGateway):
    """Sometimes nobody hears its answer, and sometimes it did not even hear the question."""

    reliable = False

    def exchange(self, *request):
        chance = 1.0 if self.reliable else random.random()
        answer = super().exchange(*request) if chance > 0.05 else None
        if chance > 0.1:
            return answer
        if chance > 0.08:
            return refused(503, "store_unavailable", [("Retry-After", "1")])
        raise ConnectionEnded(b"")


class Deaf(FakeGateway):
    def me(self, session_id):
        return Response(200, "", [], b"{}")


class TakesOldTokens(FakeGateway):
    def refuse_other_generation(self, session, generation):
        return pair(session)


class Broken(FakeGateway):
    def __init__(self, truth, answer):
        super().__init__(truth)
        self.answer = answer

    def refresh(self, asked):
        return self.answer


def worked(gateways, effects=200):
    """An oracle whose clients had so many effects there."""
    oracle = Oracle(CLIENTS)
    with oracle.at_work(gateways) as shift:
        shift.wait_for_effects(effects)
    return oracle


def test_an_honest_gateway_is_believed_again_and_again():
    gateway = FakeGateway(Truth())
    oracle = worked([gateway])
    everybody = len(oracle.accounts)
    assert oracle.judge([gateway]) == everybody
    with oracle.at_work([gateway]) as shift:
        shift.wait_for_effects(200)
    new = len(oracle.accounts) - everybody
    assert oracle.judge([gateway]) == new + CLIENTS  # each client went on with its last account
    assert oracle.judge([gateway], sample=10) == CLIENTS + 10
    assert oracle.acknowledged >= 400 and oracle.unanswered == []


def test_unknown_outcomes_may_be_either():
    truth = Truth()
    gateways = [Unreliable(truth), Unreliable(truth)]
    oracle = worked(gateways, effects=500)
    assert len(oracle.unanswered) > len(oracle.refused) > 0
    assert {one.call for one in oracle.unanswered} == {"_register", "_refresh", "_sign_out"}
    for gateway in gateways:
        gateway.reliable = True
    oracle.judge(gateways)
    assert {"refresh_token_reused", "refresh_token_revoked", "a new pair"} <= {one.fate for one in oracle.accounts}
    oracle.judge(gateways, sample=1000)


def test_a_gateway_may_say_that_its_store_is_away_before_it_answers():
    class Tired(FakeGateway):
        asked = 0

        def exchange(self, *request):
            self.asked += 1
            answer = super().exchange(*request) if self.asked % 3 else None
            heard = self.asked % 2 and answer
            return heard or refused(503, "store_unavailable", [("Retry-After", "1")])

    truth = Truth()
    oracle = worked([FakeGateway(truth)])
    oracle.judge([Tired(truth)], feed_bound=5)


def test_a_gateway_that_is_never_well_again_is_noticed(monkeypatch):
    class Exhausted(FakeGateway):
        def login(self, asked, status=200):
            return refused(503, "store_unavailable", [("Retry-After", "1")])

    monkeypatch.setattr("harness.oracle.WELL_WITHIN", 0.1)
    truth = Truth()
    oracle = worked([FakeGateway(truth)])
    with pytest.raises(AssertionError, match="to be well again"):
        oracle.judge([Exhausted(truth)])


def unregister(truth, accounts):
    del truth.users[random.choice([one.name for one in accounts if one.registered])]


def give_to_another(truth, accounts):
    truth.users[random.choice(accounts).name] = "somebody else"


def some_session(truth, accounts, suits):
    """One of which a client has tokens."""
    known = [truth.sessions[one.pairs[-1].access.removeprefix("access.")] for one in accounts if one.pairs]
    return random.choice([session for session in known if suits(session)])


def roll_a_refresh_back(truth, accounts):
    session = some_session(truth, accounts, lambda one: one["generation"] > 1 and not one["ended"])
    session["generation"] -= 1


def revive(truth, accounts):
    some_session(truth, accounts, lambda one: one["ended"])["ended"] = False


def end(truth, accounts):
    some_session(truth, accounts, lambda one: not one["ended"])["ended"] = True


@pytest.mark.parametrize("lie", [unregister, give_to_another, roll_a_refresh_back, revive, end])
def test_what_was_acknowledged_and_is_not_so_is_noticed(lie):
    gateway = FakeGateway(Truth())
    oracle = worked([gateway])
    lie(gateway.truth, oracle.accounts)
    with pytest.raises(AssertionError):
        oracle.judge([gateway])


@pytest.mark.parametrize("lie", [unregister, revive, end])
def test_what_was_found_out_about_an_unknown_outcome_binds_too(lie):
    gateway = Unreliable(Truth())
    oracle = worked([gateway], effects=500)
    gateway.reliable = True
    oracle.judge([gateway])
    lie(gateway.truth, oracle.accounts)
    with pytest.raises(AssertionError):
        oracle.judge([gateway], sample=1000)


def test_a_replica_that_does_not_hear_of_an_end_is_noticed():
    truth = Truth()
    oracle = worked([FakeGateway(truth)])
    with pytest.raises(AssertionError, match="200 with a token after refresh_token_revoked"):
        oracle.judge([FakeGateway(truth), Deaf(truth)], feed_bound=0.1)


def test_a_replica_may_hear_of_an_end_within_the_bound():
    class Slow(FakeGateway):
        asked = 0

        def me(self, session_id):
            self.asked += 1
            return Response(200, "", [], b"{}") if self.asked % 3 else super().me(session_id)

    truth = Truth()
    oracle = worked([FakeGateway(truth)])
    oracle.judge([FakeGateway(truth), Slow(truth)], feed_bound=5)


def test_an_old_token_that_brings_a_pair_is_noticed():
    truth = Truth()
    oracle = worked([FakeGateway(truth)])
    with pytest.raises(AssertionError, match="an old token got 200"):
        oracle.judge([TakesOldTokens(truth)])


def test_an_old_token_that_would_look_like_theft_is_not_tried(monkeypatch):
    truth = Truth()
    oracle = worked([FakeGateway(truth)])
    monkeypatch.setattr("harness.oracle.STRAGGLER_WINDOW", 0)
    oracle.judge([TakesOldTokens(truth)])


@pytest.mark.parametrize("answer", [
    refused(500, "oops"), refused(403, "refresh_token_revoked"), refused(503, "store_unavailable"),
    refused(503, "upstream_timeout", [("Retry-After", "1")]), refused(503, "store_unavailable", [("Retry-After", "soon")]),
    Response(503, "", [("Retry-After", "1")], b"<html>"), Response(200, "", [], b"{}"),
], ids=["500", "a revoked session", "no Retry-After", "another code", "not a number", "not JSON", "no pair"])
def test_an_answer_that_is_never_right_is_a_surprise(answer):
    with pytest.raises(AssertionError):
        worked([Broken(Truth(), answer)], effects=50)
