"""Several gateways on one PostgreSQL sign with the same keys: made once, rotated together, and never
with a key that another gateway does not know yet."""

import base64
import json
import os
import re
import secrets
import subprocess

import pytest

from harness import Gateway, wait_until
from harness.postgres import Postgres
from harness.traffic import VerifiedTraffic

REPLICAS = 3


@pytest.fixture(scope="module")
def postgres():
    with Postgres() as server:
        yield server


@pytest.fixture
def empty(postgres):
    """The server without anything of a former test."""
    postgres.sql("DROP SCHEMA IF EXISTS gatehouse CASCADE")
    return postgres


@pytest.fixture
def start(tmp_path, empty, backend):
    """A function that starts the next replica; all of them are stopped after the test."""
    started = []

    def run(secret=None, wait=True, tokens=None, **environment):
        environment["PGPASSWORD"] = empty.password
        if secret is not None:
            environment["SEALING_SECRET"] = secret
        gateway = Gateway(tmp_path / f"replica-{len(started)}", backend, environment=environment, wait=wait,
                          store=empty.url().replace(f":{empty.password}@", "@"), tokens=tokens or {})
        started.append(gateway)
        return gateway

    yield run
    for gateway in started:
        gateway.stop()


def jwks(gateway):
    return gateway.ask("GET", "/.well-known/jwks.json").body


def key_ids(gateway):
    return [key["kid"] for key in json.loads(jwks(gateway))["keys"]]


def kid_of(token):
    head = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["kid"]


def refused_start(gateway):
    """What a gateway says that must not start."""
    status = gateway.process.wait()
    assert status == 2, gateway.process.output()
    return gateway.process.output()


class Refreshing:
    """A session that is refreshed at one replica after the other, each time with a token that
    another one signed."""

    def __init__(self, gateways, name):
        self._gateways = gateways
        self.pair = gateways[0].auth().register(name)

    def once_around(self):
        for gateway in self._gateways:
            self.pair = gateway.auth().refresh(self.pair)
            for other in self._gateways:
                assert other.ask("GET", "/items", self.pair.bearer).status == 200


def test_replicas_that_start_together_sign_with_the_same_keys(start):
    secret = secrets.token_hex(32)
    gateways = [start(secret, wait=False) for _ in range(REPLICAS)]
    for gateway in gateways:
        gateway.wait_until_ready()
    assert len({jwks(gateway) for gateway in gateways}) == 1
    assert len(key_ids(gateways[0])) == 2, "the one that signs, and the next one"
    Refreshing(gateways, "ada").once_around()


def test_keys_lie_in_the_store_and_nobody_can_read_them_there(start, empty):
    gateway = start(secrets.token_hex(32))
    texts = ["PRIVATE", "access", key_ids(gateway)[0]]
    found = ", ".join(f"position('{text}' IN bytes)" for text in texts)
    kept = empty.sql(f"SELECT convert_from(name, 'UTF8'), length(bytes) > 64, version, {found} FROM gatehouse.kept_keys ORDER BY 1")
    sealed = ["t", "1", "0", "0", "0"]
    assert kept == [["throttle", *sealed], ["token_keys", *sealed]]
    assert list(gateway.folder.glob("*keys*")) == []


def test_a_rotation_is_heard_by_all_and_refuses_nobody(start):
    secret = secrets.token_hex(32)
    gateways = [start(secret) for _ in range(REPLICAS)]
    session = Refreshing(gateways, "ada")
    before = key_ids(gateways[0])
    with VerifiedTraffic(gateways, session.pair):
        session.once_around()
        gateways[0].command("keys", "rotate")
        wait_until(lambda: all(key_ids(gateway) != before for gateway in gateways), "all to hear of it")
        assert len({jwks(gateway) for gateway in gateways}) == 1
        session.once_around()
    assert kid_of(session.pair.access) == before[1], "the key that was next signs now"


def test_a_second_rotation_waits_until_everybody_knows_the_next_key(start):
    secret = secrets.token_hex(32)
    tokens = {"publish_ahead": "8s"}
    gateways = [start(secret, tokens=tokens) for _ in range(2)]
    session = Refreshing(gateways, "ada")
    gateways[0].command("keys", "rotate")
    rotated = gateways[0].command("keys", "list").stdout
    again = gateways[1].command("keys", "rotate")
    assert "too new" in again.stderr
    assert re.fullmatch(re.escape(rotated) + r"a rotation was asked for and is not done yet: the next keys sign from \S+Z on\n",
                        gateways[0].command("keys", "list").stdout)
    third = key_ids(gateways[0])[-1]

    def signs_with_it():
        session.once_around()
        return kid_of(session.pair.access) == third
    wait_until(signs_with_it, "a running gateway to do what was asked", timeout=30)
    assert "asked for" not in gateways[0].command("keys", "list").stdout


def test_keys_rotate_by_themselves_while_nobody_notices(start):
    secret = secrets.token_hex(32)
    tokens = {"rotate_every": "6s", "publish_ahead": "2s", "access_ttl": "10m", "refresh_ttl": "20m"}
    gateways = [start(secret, tokens=tokens) for _ in range(REPLICAS)]
    session = Refreshing(gateways, "ada")
    signers = set()

    def three_keys_signed():
        session.once_around()
        signers.add(kid_of(session.pair.access))
        return len(signers) >= 3
    with VerifiedTraffic(gateways, session.pair):
        wait_until(three_keys_signed, "two rotations", timeout=60)
    assert len({jwks(gateway) for gateway in gateways}) == 1


def test_a_restarted_replica_finds_the_same_keys(start):
    secret = secrets.token_hex(32)
    gateway = start(secret)
    pair, before = gateway.auth().register("ada"), jwks(gateway)
    gateway.stop()
    gateway.start()
    assert jwks(gateway) == before
    assert gateway.ask("GET", "/items", pair.bearer).status == 200


def test_a_start_without_the_right_secret_fails_with_a_sentence(start, empty):
    secret = secrets.token_hex(32)
    gateway = start(secret)
    pair = gateway.auth().register("ada")
    row = empty.sql("SELECT version, md5(bytes) FROM gatehouse.kept_keys")
    for other, said in [(secrets.token_hex(32), "sealed under another secret"),
                        ("too short", "SEALING_SECRET has less than 32 bytes"),
                        (None, "tokens.sealing_file: is missing")]:
        told = refused_start(start(other, wait=False))
        assert said in told and "SEALING_SECRET" in told
        assert secret not in told and str(other) not in told.replace("None", "")
    assert empty.sql("SELECT version, md5(bytes) FROM gatehouse.kept_keys") == row
    listed = gateway.command("keys", "list").stdout
    assert all(kid in listed for kid in key_ids(gateway))
    assert gateway.ask("GET", "/items", pair.bearer).status == 200


def test_a_secret_changes_without_a_pause(start):
    old, new = secrets.token_hex(32), secrets.token_hex(32)
    first = start(old, SEALING_SECRET_PREVIOUS=new)
    pair = first.auth().register("ada")
    second = start(new, SEALING_SECRET_PREVIOUS=old)
    second.command("keys", "rotate")
    wait_until(lambda: len(key_ids(second)) == 3 and jwks(first) == jwks(second), "both to have the new keys")
    third = start(new)
    assert third.ask("GET", "/items", pair.bearer).status == 200


def new_key(curve="P-256"):
    return subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{curve}"],
                          capture_output=True, text=True, check=True).stdout


def test_a_key_of_ones_own_is_known_to_all_before_it_signs(start, tmp_path):
    secret = secrets.token_hex(32)
    gateways = [start(secret, tokens={"publish_ahead": "4s"}) for _ in range(2)]
    session = Refreshing(gateways, "ada")
    before, unused = key_ids(gateways[0])
    (tmp_path / "own.pem").write_text(new_key())
    with VerifiedTraffic(gateways, session.pair):
        done = gateways[0].command("keys", "import", str(tmp_path / "own.pem"), "--as", "active")
        assert "too new" in done.stderr

        def published():
            first, second = (key_ids(gateway) for gateway in gateways)
            return first == second and unused not in first and first
        signing, own = wait_until(published, "both to publish it")
        assert signing == before

        def signs_with_it():
            session.once_around()
            return kid_of(session.pair.access) == own
        wait_until(signs_with_it, "the key to sign", timeout=30)
    again = gateways[0].command("keys", "import", str(tmp_path / "own.pem"), check=False)
    assert (again.returncode, again.stdout) == (1, "") and "is here already, as active" in again.stderr


def test_a_key_that_will_not_do_is_told_and_changes_nothing(start, tmp_path):
    gateway = start(secrets.token_hex(32))
    before = gateway.command("keys", "list").stdout
    for text, said in [(new_key("P-521"), "on the curve secp521r1"), (new_key("P-384"), "the key is for ES384"),
                       ("hunter2", "no private key"), ('{"kty":"oct","k":"aGVsbG8"}', "symmetric")]:
        (tmp_path / "bad").write_text(text)
        refused = gateway.command("keys", "import", str(tmp_path / "bad"), check=False)
        assert refused.returncode in (1, 2) and said in refused.stderr and refused.stdout == ""
        assert "hunter2" not in refused.stderr and "PRIVATE" not in refused.stderr
    missing = gateway.command("keys", "import", str(tmp_path / "nowhere"), check=False)
    assert missing.returncode == 2 and "nowhere cannot be read" in missing.stderr
    assert gateway.command("keys", "list").stdout == before


def test_check_opens_what_is_sealed(start, empty):
    secret = secrets.token_hex(32)
    gateway = start(secret)
    row = empty.sql("SELECT version, md5(bytes) FROM gatehouse.kept_keys")
    assert gateway.command("check", "--connect").returncode == 0
    gateway.environment["SEALING_SECRET"] = secrets.token_hex(32)
    wrong = gateway.command("check", "--connect", check=False)
    assert wrong.returncode == 1 and "sealed under another secret" in wrong.stdout
    gateway.environment["SEALING_SECRET"] = secret
    empty.sql("UPDATE gatehouse.kept_keys SET bytes = set_byte(bytes, 60, get_byte(bytes, 60) # 1)")
    damaged = gateway.command("check", "--connect", check=False)
    assert damaged.returncode == 1 and "are damaged" in damaged.stdout
    empty.sql("UPDATE gatehouse.kept_keys SET bytes = set_byte(bytes, 60, get_byte(bytes, 60) # 1)")
    assert empty.sql("SELECT version, md5(bytes) FROM gatehouse.kept_keys") == row
    empty.sql("DROP SCHEMA gatehouse CASCADE")
    assert gateway.command("check", "--connect").returncode == 0, "the first start makes them"
    assert empty.sql("SELECT count(*) FROM pg_namespace WHERE nspname = 'gatehouse'") == [["0"]]


def test_a_folder_of_keys_is_followed_when_it_is_swapped(start, tmp_path):
    folder = tmp_path / "mounted"
    folder.mkdir()

    def lay_out(version, **files):
        """As Kubernetes mounts a Secret: a new folder, and one link that changes."""
        (folder / version).mkdir()
        for name, content in files.items():
            path = folder / version / name.replace("_", "-")
            path = path.with_suffix(".pem") if name.startswith("access") else path
            path.write_text(content)
            if not (folder / path.name).is_symlink():
                (folder / path.name).symlink_to(f"..data/{path.name}")
        (folder / "..tmp").symlink_to(version)
        os.rename(folder / "..tmp", folder / "..data")

    def signing_key():
        return subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
                              capture_output=True, text=True, check=True).stdout

    one, two, refresh = signing_key(), signing_key(), secrets.token_hex(32)
    lay_out("..1", access_active=one, access_next=two, refresh_active=refresh)
    gateways = [start(tokens={"keys_directory": str(folder)}) for _ in range(2)]
    session = Refreshing(gateways, "ada")
    first, second = key_ids(gateways[0])
    assert kid_of(session.pair.access) == first
    assert "are read from" in gateways[0].command("keys", "rotate", check=False).stderr

    (folder / "access-next.pem").unlink()
    lay_out("..2", access_active=two, access_retired=one, refresh_active=refresh)
    with VerifiedTraffic(gateways, session.pair):
        def all_sign_with_it():
            session.once_around()
            return {kid_of(gateway.auth().login("ada").access) for gateway in gateways} == {second}
        wait_until(all_sign_with_it, "both to have read the folder again", timeout=20)
