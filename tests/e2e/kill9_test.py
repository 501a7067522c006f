"""`kill -9` at a random moment under load: nothing that was acknowledged is lost, and nothing that
ended comes back."""

import random
import signal

from harness import Gateway
from harness.oracle import SETTINGS, Oracle

ROUNDS = 50
CLIENTS = 64
MOST_EFFECTS = 300  # acknowledged in a round before the kill, which comes after 1 .. so many


def kill_after(gateway, count):
    """What to do after each effect: at the `count`th, the end."""
    return lambda effects: effects == count and gateway.signal(signal.SIGKILL)


def test_nothing_acknowledged_is_lost_and_nothing_ended_comes_back(tmp_path):
    # A busy machine's slow disk is no outage: only the kill leaves calls without an answer.
    gateway = Gateway(tmp_path, workers=4, deadlines={"store": "30s"}, **SETTINGS)
    oracle, said = Oracle(CLIENTS), []
    try:
        for _ in range(ROUNDS):
            enough = oracle.acknowledged + random.randint(1, MOST_EFFECTS)
            with oracle.at_work([gateway], kill_after(gateway, enough)):
                gateway.process.wait()
            said += gateway.store_log()
            gateway.start()
            oracle.judge([gateway])
        oracle.judge([gateway], sample=300)
        assert oracle.refused == [], said
        assert oracle.acknowledged > ROUNDS * 20
    finally:
        gateway.stop()
