"""`kill -9` at a random moment under load: nothing that was acknowledged is lost, and nothing that
ended comes back."""

import random
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from harness import AuthClient, Gateway
from harness.auth_client import PASSWORD, Pair
from harness.raw_client import ConnectionEnded

ROUNDS = 50
CLIENTS = 64
MOST_EFFECTS = 300  # acknowledged in a round before the kill, which comes after 1 .. so many


class Connection:
    """Lets an AuthClient make all its calls on one connection."""

    def __init__(self, gateway):
        self._client = gateway.connect()

    def __enter__(self):
        return AuthClient(self)

    def __exit__(self, *_):
        self._client.close()

    def ask(self, *request):
        answer = self._client.exchange(*request)
        if not answer.complete:
            raise ConnectionEnded(answer.body)
        return answer


NEW_PAIR, REVOKED, REUSED = "a new pair", "refresh_token_revoked", "refresh_token_reused"


@dataclass
class Account:
    """What was acknowledged to one client about its account, and what it waits for."""
    name: str
    registered: bool = False
    pairs: list = field(default_factory=list)  # every pair it was given, in order
    fate: str = NEW_PAIR  # what a refresh with the last of them must bring
    pending: str = ""  # the call that had no answer when the connection ended

    @property
    def usable(self):
        return self.fate == NEW_PAIR

    def step(self, auth, chance):
        """One call with an effect."""
        call = self.register if not self.registered else self.sign_out if chance < 0.15 else self.refresh
        self.pending = call.__name__
        call(auth)
        self.pending = ""

    def register(self, auth):
        self.pairs.append(auth.register(self.name))
        self.registered = True

    def refresh(self, auth):
        self.pairs.append(auth.refresh(self.pairs[-1]))

    def sign_out(self, auth):
        auth.logout(self.pairs[-1])
        self.fate = REVOKED

    def verify(self, auth):
        """Asks a restarted gateway about everything that was acknowledged. What was cut off may
        have happened or not; whichever the gateway says now, it must say for ever."""
        status = auth.call("/login", {"username": self.name, "password": PASSWORD}).status
        allowed = {200} if self.registered else {401, 200} if self.pending else {401}
        assert status in allowed, f"{self.name}: login {status}, not one of {allowed}"
        self.registered = status == 200
        if self.pairs:
            self._verify_session(auth)
        else:
            self.fate = "no pair ever arrived"
        self.pending = ""

    def _verify_session(self, auth):
        last = self.pairs[-1]
        answer = auth.try_refresh(last.refresh)
        code = NEW_PAIR if answer.status == 200 else answer.error_code()
        allowed = {self.fate} | {"refresh": {REUSED}, "sign_out": {REVOKED}}.get(self.pending, set())
        assert code in allowed, f"{self.name}: {code}, not one of {allowed}"
        self.fate = code
        if code == NEW_PAIR:
            self.pairs.append(Pair.of(answer))

        me = auth.call("/me", method="GET", fields=last.bearer)
        told = me.status if me.status == 200 else me.error_code()
        assert told == ("token_revoked" if code == REVOKED else 200), f"{self.name}: {told} after {code}"
        for old in self.pairs[:-1][-3:]:
            assert auth.try_refresh(old.refresh).error_code() in {REUSED, REVOKED}, self.name


class Round:
    """All clients at work until the gateway is killed under them."""

    def __init__(self, gateway, number, accounts):
        self._gateway = gateway
        self._number = number
        self.accounts = accounts  # of each client: a list, the last one in use
        self.surprises = []
        self._effects_left = random.randint(1, MOST_EFFECTS)
        self._lock = threading.Lock()

    def run(self):
        clients = [threading.Thread(target=self._work, args=[index]) for index in range(CLIENTS)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        self._gateway.process.wait()

    def _work(self, index):
        try:
            with Connection(self._gateway) as auth:
                while True:
                    self._account_of(index).step(auth, random.random())
                    self._acknowledged()
        except (ConnectionEnded, OSError):
            pass  # killed; `pending` says in the middle of what
        except Exception as surprise:
            self.surprises.append(repr(surprise))
            self._gateway.signal(signal.SIGKILL)

    def _account_of(self, index):
        mine = self.accounts[index]
        if not mine or not mine[-1].usable:
            mine.append(Account(f"user-{self._number}-{index}-{len(mine)}"))
        return mine[-1]

    def _acknowledged(self):
        with self._lock:
            self._effects_left -= 1
            if self._effects_left == 0:
                self._gateway.signal(signal.SIGKILL)


def verify(gateway, accounts):
    """Asks about all these accounts, several at a time."""
    def ask(account):
        with Connection(gateway) as auth:
            account.verify(auth)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(ask, accounts))


def test_nothing_acknowledged_is_lost_and_nothing_ended_comes_back(tmp_path):
    # Old generations are stragglers for the whole test, so that trying them ends no session.
    # And a busy machine's slow disk is no outage: only the kill leaves calls without an answer.
    gateway = Gateway(tmp_path, workers=4, refresh={"straggler_window": "5m"}, deadlines={"store": "30s"})
    accounts = [[] for _ in range(CLIENTS)]
    try:
        for number in range(ROUNDS):
            before = [len(mine) for mine in accounts]
            round_ = Round(gateway, number, accounts)
            round_.run()
            assert round_.surprises == []
            gateway.start()
            # What this round touched: the account each client began with, and newer ones.
            verify(gateway, [account for mine, first in zip(accounts, before)
                             for account in mine[max(first - 1, 0):]])
        everybody = [account for mine in accounts for account in mine]
        verify(gateway, random.sample(everybody, min(300, len(everybody))))
        assert sum(len(account.pairs) for account in everybody) > ROUNDS * 20
    finally:
        gateway.stop()
