"""Real clients, unmodified, with 200 requests in flight while their access token expires."""

import json
import pathlib
import subprocess
from collections import Counter

import pytest

EXPIRY = pathlib.Path(__file__).parent / "clients" / "expiry.cjs"
KINDS = ["shared", "naive", "axios-auth-refresh 3", "axios-auth-refresh 5"]
RUNS, REQUESTS = 20, 200


@pytest.mark.parametrize("on_straggler", ["refuse", "repeat"])
@pytest.mark.parametrize("kind", KINDS)
def test_requests_in_flight_at_expiry(start_gateway, backend, kind, on_straggler, record_property):
    gateway = start_gateway(backend, tokens={"access_ttl": "6s"}, refresh={"on_straggler": on_straggler})
    with subprocess.Popen(["node", EXPIRY, gateway.url, kind, str(RUNS), str(REQUESTS)], text=True,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as clients:
        assert json.loads(clients.stdout.readline() or '"gone"') == "ready", clients.stderr.read()
        # What they refresh to outlives the test: on a slow machine it would expire, too, before all have come back.
        gateway.stop()
        gateway.settings["tokens"]["access_ttl"] = "10m"
        gateway.start()
        out, err = clients.communicate("go on\n", timeout=180)
    assert clients.returncode == 0, err
    runs = [json.loads(line) for line in out.splitlines()]
    assert len(runs) == RUNS

    lost = [run["lost"] for run in runs]
    reasons = sum((Counter(run["reasons"]) for run in runs), Counter())
    summary = (f"{kind}, on_straggler {on_straggler}: {sum(lost)} of {RUNS * REQUESTS} requests lost in "
               f"{sum(count > 0 for count in lost)} of {RUNS} runs, {sum(run['refreshes'] for run in runs)} "
               f"refreshes {dict(reasons)}")
    print(summary)
    record_property("lost requests", summary)

    assert all(run["refreshes"] >= 1 for run in runs), "the token never expired"
    if on_straggler == "repeat":
        assert sum(lost) == 0, summary
    # Whatever is lost with `refuse` is lost to the rule and to nothing else: to its refusal, or as
    # what axios-auth-refresh cancels because it waited for the refused refresh.
    assert set(reasons) <= {"403 refresh_token_reused", "ERR_CANCELED"}, summary
    assert "ERR_CANCELED" not in reasons or "403 refresh_token_reused" in reasons, summary
