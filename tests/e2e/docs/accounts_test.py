"""docs/ACCOUNTS.md: what operators type about accounts."""

import json

import pytest

from harness import wait_until
from harness.auth_client import PASSWORD
from harness.pages import snippet

# As another system keeps them: a document of MongoDB and a hash of bcrypt, here of "U*U*".
MOVING = {"_id": {"$oid": "65a1b2c3d4e5f60718293a4b"}, "username": "ann", "roles": {"User": 2001}, "__v": 0,
          "password": "$2b$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"}
MONGOEXPORT = 'while [ "$1" != --out ]; do shift; done; cp exported "$2"'


@pytest.fixture
def place(gateway, shell_of):
    opened = shell_of(gateway, programs={"mongoexport": MONGOEXPORT}, environment={"MONGODB": "mongodb://127.0.0.1"})
    (opened.folder / "password").write_text(PASSWORD)
    (opened.folder / "exported").write_text(json.dumps(MOVING) + "\n")
    return opened


def test_accounts_are_handled_as_shown(gateway, place):
    (place.folder / "users.json").write_text(json.dumps(MOVING) + "\n")
    lines = snippet("docs/ACCOUNTS.md", "gatehouse user set-password").splitlines()
    add, listing, block, *others, leave, move_in = lines
    place.type("\n".join([add, listing]))
    pair = gateway.auth().login("ada")
    assert gateway.auth().me(pair)["roles"] == ["editor"]
    place.type(block)
    wait_until(lambda: gateway.ask("GET", "/", pair.bearer).status == 401, "the running gateway to hear of it")
    *_, invite = place.type("\n".join(others))
    assert len(invite.output.strip().splitlines()) == 1
    place.type("\n".join([leave, move_in]))
    assert gateway.auth().login("ann", "U*U*").user_id == MOVING["_id"]["$oid"]
    assert gateway.auth().call("/login", {"username": "ada", "password": PASSWORD}).status == 401


def test_people_move_in_as_shown(gateway, place):
    _, rehearsed, done = place.type(snippet("docs/ACCOUNTS.md", "mongoexport"))
    assert rehearsed.output.startswith("1 would be imported")
    assert done.output.startswith("1 imported")
    assert gateway.auth().login("ann", "U*U*").user_id == MOVING["_id"]["$oid"]
