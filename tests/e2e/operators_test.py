"""What an operator does from a second process takes effect in the running gateway within a second,
on every worker, also where a token is in the cache already."""

import contextlib
import time

import pytest

from harness import wait_until
from harness.auth_client import PASSWORD

CONNECTIONS = 16  # enough to reach each of four workers


class WarmClients:
    """Connections spread over all workers, whose tokens have been seen before."""

    def __init__(self, gateway, pair):
        self._pair = pair
        self._clients = [gateway.connect() for _ in range(CONNECTIONS)]
        for _ in range(3):
            assert self.codes() == {200}

    def codes(self):
        """Status or code of what each connection gets now."""
        answers = [client.exchange("GET", "/items", self._pair.bearer) for client in self._clients]
        return {answer.status if answer.status == 200 else answer.error_code() for answer in answers}

    def close(self):
        for client in self._clients:
            client.close()


@pytest.fixture
def ada(gateway):
    """A running gateway, an account, and warm connections of that account."""
    pair = gateway.auth().register("ada")
    with contextlib.closing(WarmClients(gateway, pair)) as clients:
        yield gateway, pair, clients


@contextlib.contextmanager
def soon(what):
    """What the block waits for is promised a second after it began; other tests share the machine."""
    began = time.monotonic()
    yield
    took = time.monotonic() - began
    assert took <= 6.0, f"{what} took {took:.2f} s"


def test_a_blocked_user_is_out_everywhere_and_unblocking_revives_no_session(ada):
    gateway, pair, clients = ada
    gateway.command("user", "block", "ada")
    with soon("blocking"):
        wait_until(lambda: clients.codes() == {"token_revoked"}, "every worker to know")
    assert gateway.auth().try_refresh(pair.refresh).error_code() == "refresh_token_revoked"
    blocked = gateway.auth().call("/login", {"username": "ada", "password": "correct horse battery"})
    assert (blocked.status, blocked.error_code()) == (403, "account_blocked")

    gateway.command("user", "unblock", "ada")
    wait_until(lambda: gateway.auth().call("/login", {"username": "ada", "password": "correct horse battery"}).status
               == 200, "login to work again")
    assert clients.codes() == {"token_revoked"}


def test_a_revoked_session_ends_and_the_users_other_session_lives(ada):
    gateway, pair, clients = ada
    other = gateway.auth().login("ada")
    sessions = gateway.ask("GET", "/auth/sessions", pair.bearer).json()
    sessions = sessions["sessions"] if isinstance(sessions, dict) else sessions
    current = next(session["id"] for session in sessions if session["current"])
    gateway.command("session", "revoke", current)
    with soon("revoking"):
        wait_until(lambda: clients.codes() == {"token_revoked"}, "every worker to know")
    assert gateway.ask("GET", "/items", other.bearer).status == 200


def test_a_deleted_user_is_out(ada):
    gateway, _, clients = ada
    gateway.command("user", "delete", "ada")
    with soon("deleting"):
        wait_until(lambda: clients.codes() == {"token_revoked"}, "every worker to know")


def test_rotated_keys_sign_new_tokens_and_old_tokens_stay_good(ada):
    gateway, pair, clients = ada

    def key_ids():
        return {key["kid"] for key in gateway.ask("GET", "/.well-known/jwks.json").json()["keys"]}

    before = key_ids()
    gateway.command("keys", "rotate")
    wait_until(lambda: key_ids() != before, "the new keys")
    fresh = gateway.auth().login("ada")
    assert clients.codes() == {200}
    assert gateway.ask("GET", "/items", fresh.bearer).status == 200
    assert gateway.auth().refresh(pair).user_id == pair.user_id


def test_new_roles_stand_in_for_those_of_tokens_already_out(start_gateway, backend):
    gateway = start_gateway(backend, routes=[{"match": "/items", "auth": {"roles": ["admin"]}, "to": backend.url}])
    gateway.auth().register("ada")
    gateway.command("user", "set-roles", "ada", "admin")
    pair = gateway.auth().login("ada")
    with contextlib.closing(WarmClients(gateway, pair)) as clients:
        gateway.command("user", "set-roles", "ada", "reader")
        with soon("new roles"):
            wait_until(lambda: clients.codes() == {"forbidden"}, "every worker to know")


def test_a_changed_password_ends_every_session(ada):
    gateway, _, clients = ada
    gateway.command("user", "set-password", "ada", "--password-stdin", stdin="another good password\n")
    with soon("a new password"):
        wait_until(lambda: clients.codes() == {"token_revoked"}, "every worker to know")
    gateway.auth().login("ada", "another good password")


def test_an_account_added_from_outside_can_log_in(gateway):
    gateway.command("user", "add", "bob", "--password-stdin", stdin="another good password\n")
    assert gateway.auth().login("bob", "another good password").user_id
    assert "bob" in gateway.command("user", "list").stdout


def test_an_invite_works_once(start_gateway, backend):
    gateway = start_gateway(backend, registration="invite")
    members = {"username": "ada", "password": "correct horse battery"}
    refused = gateway.auth().call("/register", members)
    assert (refused.status, refused.error_code()) == (403, "registration_closed")
    code = gateway.command("user", "invite").stdout.split()[-1]
    assert gateway.auth().call("/register", {**members, "invite": code}).status == 201
    again = gateway.auth().call("/register", {**members, "username": "bob", "invite": code})
    assert (again.status, again.error_code()) == (403, "registration_closed")


def test_an_id_means_its_account_and_is_nobody_elses_name(gateway):  # R57
    auth = gateway.auth()
    eve = auth.register("eve")
    taken = auth.call("/register", {"username": eve.user_id, "password": PASSWORD})
    assert (taken.status, taken.error_code()) == (409, "name_taken")
    ada = auth.register("ada")
    renamed = auth.call("/me", {"username": eve.user_id, "currentPassword": PASSWORD}, ada.bearer, method="PATCH")
    assert (renamed.status, renamed.error_code()) == (409, "name_taken")

    gateway.command("user", "delete", eve.user_id)
    auth.register(eve.user_id)  # it is free again, and the audit still knows whose it was
    told = gateway.command("audit", "--user", eve.user_id).stdout
    assert "user_delete" in told and told.count("user_register") == 1
