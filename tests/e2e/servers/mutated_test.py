"""Requests that were tampered with: each server sees as many as are answered, each with the identity that its token
proves or with none.

MUTATION_SEED=n repeats a run; the seed is printed."""

import os
import secrets
from collections import Counter

from corpus.mutated import IDENTITIES, Forge, Witness, send, statuses

from .real_server import bare

REQUESTS = 300


def test_tampered_requests_forge_nothing(start_gateway, server):
    seed = int(os.environ.get("MUTATION_SEED", secrets.randbits(32)))
    print(f"MUTATION_SEED={seed}")
    gateway = start_gateway(server)
    users = [gateway.auth().register(name) for name in ("ada", "bob")]
    forge, witness = Forge(f"{seed} {server.name}", users), Witness(users)
    answers = Counter()
    for number in range(REQUESTS):
        request, tag, user = forge.good_request(number)
        witness.proved_by[tag] = user.user_id if user else None
        sent = forge.tampered(request)
        server.forget()
        came = statuses(send(gateway, forge.pieces(sent)))
        answers.update(came)
        seen = server.seen()
        said = f"seed {seed}, request {number} {sent!r}: {came}, {seen}"
        assert len(seen) == came.count(200), said
        for each in seen:
            assert {name for name, _ in each.identities()} <= IDENTITIES, said
            witness.check(each.target, [(bare(name), value) for name, value in each.fields])
    print(f"answers {dict(answers)}, seen {dict(witness.seen)}")
    assert min(witness.seen["with identity"], witness.seen["without"], answers[400], answers[401]) > REQUESTS / 50
