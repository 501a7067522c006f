"""Many refreshes with one token at the same moment: one new generation, whoever gets it."""

import base64
import contextlib
import json

from harness.auth_client import Pair

ROUNDS = 100
CLIENTS = 32


def claims_of(token):
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def refresh_on_all(clients, token):
    """Sends the same refresh on every connection before it reads the first answer."""
    body = json.dumps({"refreshToken": token}).encode()
    for client in clients:
        client.request("POST", "/auth/refresh-token", {"Content-Type": "application/json"}, body)
    return [client.read_response("POST") for client in clients]


def test_parallel_refreshes_bring_one_new_generation(gateway):
    pair = gateway.auth().register("ada")
    joined = 0
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(gateway.connect()) for _ in range(CLIENTS)]
        for round_ in range(ROUNDS):
            generation = claims_of(pair.refresh)["gen"]
            answers = refresh_on_all(clients, pair.refresh)
            new = [Pair.of(answer) for answer in answers if answer.status == 200]
            refused = [answer for answer in answers if answer.status != 200]
            # Together: the same pair. Too late to be together: a straggler, refused and nothing else.
            assert new, f"round {round_}: nobody got a new pair"
            assert {(one.access, one.refresh) for one in new} == {(new[0].access, new[0].refresh)}
            assert {(answer.status, answer.error_code()) for answer in refused} <= {(403, "refresh_token_reused")}
            assert claims_of(new[0].refresh)["gen"] == generation + 1
            assert claims_of(new[0].refresh)["sid"] == claims_of(pair.refresh)["sid"]
            joined += len(new) - 1
            pair = new[0]
    assert gateway.auth().me(pair)["username"] == "ada"
    assert joined > 0, "no two of 3200 refreshes were ever joined"


def test_repeat_gives_every_straggler_the_same_successor(start_gateway, backend):
    gateway = start_gateway(backend, refresh={"on_straggler": "repeat"})
    pair = gateway.auth().register("ada")
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(gateway.connect()) for _ in range(CLIENTS)]
        for _ in range(10):
            answers = refresh_on_all(clients, pair.refresh)
            assert {answer.status for answer in answers} == {200}
            tokens = {answer.json()["refreshToken"] for answer in answers}
            assert len(tokens) == 1, "the same token has two successors"
            pair = Pair.of(answers[0])
