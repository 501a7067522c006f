"""How many bytes a client carries with each request, and keeps for the next pair."""

import base64
import json

import pytest

# ES256 and base64url of claims whose names and lengths are fixed: only the issuer's name, 9 bytes
# by default, and the generation's digits vary. They are 448 and 325 bytes now: 50 of the first are `auth_time` and `amr`.
MOST_ACCESS_BYTES = 450
MOST_REFRESH_BYTES = 340


@pytest.fixture
def pairs(start_gateway):
    """What a client gets in its life: by registering, by a login and by a refresh."""
    auth = start_gateway().auth()
    registered = auth.register("ada.lovelace", email="ada.lovelace@example.com")
    logged_in = auth.login("ada.lovelace")
    return [registered, logged_in, auth.refresh(logged_in)]


def algorithm(token):
    head = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["alg"]


@pytest.mark.parametrize("workers", [1], ids=["1 worker"])
def test_size_of_the_default_tokens(pairs, workers, gate):
    assert {algorithm(pair.access) for pair in pairs} == {"ES256"}
    gate(max(len(pair.access) for pair in pairs), "bytes in an access token", at_most=MOST_ACCESS_BYTES)
    gate(max(len(pair.refresh) for pair in pairs), "bytes in a refresh token", at_most=MOST_REFRESH_BYTES)
