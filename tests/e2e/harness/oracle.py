"""Who knows what a gateway has promised: clients that register, refresh and sign out, write down
every answer and every call that got none, and later hold any gateway to it.

    oracle = Oracle(clients=32)
    with oracle.at_work([gateway, other]):
        ...                                  # break something, heal it
    oracle.judge([gateway, other])           # when nothing is under way any more
"""

import contextlib
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from .auth_client import PASSWORD, AuthClient, Pair
from .raw_client import ConnectionEnded
from .waiting import pause, wait_until

NEW_PAIR, REVOKED, REUSED = "a new pair", "refresh_token_revoked", "refresh_token_reused"
SIGN_OUTS = 0.15  # of all calls of an account that exists
STRANGERS_JUDGED = 50  # accounts of which no call was ever answered well, in one judgement
STRAGGLERS_TRIED = 3  # superseded tokens that a judgement tries again

WELL_WITHIN = 10.0  # seconds that a gateway has, once its store is back (R63)

# What a judged gateway needs: old tokens stay stragglers for so long that trying them ends no
# session. Tokens older than this (which leaves a margin) are not tried.
SETTINGS = {"refresh": {"straggler_window": "5m"}}
STRAGGLER_WINDOW = 240


class Connection:
    """Lets an AuthClient make all its calls on one connection to a gateway."""

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


def answers_of(call):
    """All that it was told until one is no 503: a store that came back a moment ago may be away once more."""
    told = []

    def is_available():
        told.append(call())
        return told[-1].status != 503
    wait_until(is_available, "a gateway to be well again", WELL_WITHIN)
    return told


class Unavailable(Exception):
    """The gateway said 503: what was asked for may have been done or not."""

    def __init__(self, response):
        super().__init__(f"{response.status} {response.body!r}")
        self.response = response


@dataclass
class Account:
    """What was acknowledged to one client about its account, and what it waits for."""
    name: str
    registered: bool = False
    pairs: list = field(default_factory=list)  # every pair it was given, in order
    since: list = field(default_factory=list)  # and when
    fate: str = NEW_PAIR  # what a refresh with the last of them must bring
    pending: str = ""  # the call whose outcome nobody told

    @property
    def usable(self):
        return self.fate == NEW_PAIR and not self.pending

    @property
    def is_stranger(self):
        return not self.registered and not self.pairs

    def step(self, auth, chance):
        """One call with an effect; `chance` in 0 .. 1 chooses which. Its name. When it raises, the
        outcome is unknown."""
        call = self._register if not self.registered else self._sign_out if chance < SIGN_OUTS else self._refresh
        self.pending = call.__name__
        call(auth)
        self.pending = ""
        return call.__name__

    def _register(self, auth):
        response = auth.call("/register", {"username": self.name, "password": PASSWORD})
        self._keep(self._expect(201, response))
        self.registered = True

    def _refresh(self, auth):
        response = auth.try_refresh(self.pairs[-1].refresh)
        self._keep(self._expect(200, response))

    def _sign_out(self, auth):
        self._expect(204, auth.call("/logout", {"refreshToken": self.pairs[-1].refresh}))
        self.fate = REVOKED

    def _keep(self, response):
        self.pairs.append(Pair.of(response))
        self.since.append(time.monotonic())

    def _expect(self, status, response):
        if response.status == 503:
            raise Unavailable(response)
        assert response.status == status, f"{self.name}: {self.pending} got {response.status} {response.body!r}"
        return response

    # ---- judging ----

    def judge(self, auths, feed_bound=0.0):
        """Asks the first about everything that was acknowledged, and all of them about access
        tokens. An unknown outcome may be either; whichever is said now must be said for ever."""
        self._judge_account(auths[0])
        if self.pairs:
            self._judge_session(auths[0])
            for auth in auths:
                self._judge_access(auth, feed_bound)
        else:
            self.fate = "no pair ever arrived"
        self.pending = ""

    def _judge_account(self, auth):
        login = answers_of(lambda: auth.call("/login", {"username": self.name, "password": PASSWORD}))[-1]
        allowed = {200} if self.registered else {401, 200} if self.pending else {401}
        assert login.status in allowed, f"{self.name}: login {login.status} {login.body!r}, not one of {allowed}"
        self.registered = login.status == 200
        if self.pairs:
            owners = {Pair.of(login).user_id, *(pair.user_id for pair in self.pairs)}
            assert len(owners) == 1, f"{self.name}: one name, the users {owners}"

    def _judge_session(self, auth):
        allowed = {self.fate} | {"_refresh": {REUSED}, "_sign_out": {REVOKED}}.get(self.pending, set())
        if REUSED in allowed and not self._is_straggler(-1):
            self.fate = REUSED  # nobody can ask any more without ending the session
            return
        answers = answers_of(lambda: auth.try_refresh(self.pairs[-1].refresh))
        answer = answers[-1]
        code = NEW_PAIR if answer.status == 200 else answer.error_code()
        if NEW_PAIR in allowed and len(answers) > 1:
            allowed = {*allowed, REUSED}  # what nobody told of may have been done
        assert code in allowed, f"{self.name}: {code}, not one of {allowed}"
        self.fate = code
        if code == NEW_PAIR:
            self._keep(answer)
        newest = len(self.pairs) - 1
        for number in range(max(0, newest - STRAGGLERS_TRIED), newest):
            if not self._is_straggler(number + 1):
                continue
            again = answers_of(lambda old=self.pairs[number]: auth.try_refresh(old.refresh))[-1]
            assert again.status == 403 and again.error_code() in {REUSED, REVOKED}, \
                f"{self.name}: an old token got {again.status} {again.body!r}"

    def _is_straggler(self, successor):
        """Whether a token that this pair replaced, or one that came later, is no theft yet."""
        return time.monotonic() - self.since[successor] < STRAGGLER_WINDOW

    def _judge_access(self, auth, feed_bound):
        """Every access token of a session lives exactly as long as the session."""
        expected = "token_revoked" if self.fate == REVOKED else 200
        for pair in self.pairs[-2:]:
            told = []

            def as_it_should():
                me = auth.call("/me", method="GET", fields=pair.bearer)
                told.append(me.status if me.status == 200 else me.error_code())
                return told[-1] == expected
            try:
                wait_until(as_it_should, "it", feed_bound)
            except AssertionError:
                raise AssertionError(f"{self.name}: {told[-1]} with a token after {self.fate}") from None


@dataclass
class Unanswered:
    """A call that ended otherwise than by success, and when."""
    call: str
    what: str
    took: float


class Oracle:
    """Clients and everything they know. They work as often as one lets them; accounts last."""

    def __init__(self, clients=32, seed=None):
        self._count = clients
        self._accounts = [[] for _ in range(clients)]  # of each client: a list, the last one in use
        self._judged = [0] * clients  # how many of each client's accounts need not be asked about again
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self.acknowledged = 0  # effects
        self.unanswered = []  # calls whose outcome nobody told
        self.refused = []  # those of them that were told 503, as Unanswered
        self.slowest_of = {}  # of each kind of call: seconds until an answer came
        self.surprises = []  # answers that are never right

    @property
    def slowest(self):
        return max(self.slowest_of.values(), default=0.0)

    @property
    def accounts(self):
        return [account for mine in self._accounts for account in mine]

    @contextlib.contextmanager
    def at_work(self, gateways, on_effect=None):
        """Clients work while the block runs, each call at any of the gateways. `on_effect` is
        called after each acknowledged effect with their number."""
        shift = _Shift(self, gateways, on_effect)
        shift.start()
        try:
            yield shift
        finally:
            shift.end()
        assert self.surprises == [], self.surprises[:5]

    def judge(self, gateways, feed_bound=0.0, sample=0):
        """Holds gateways to all that happened since the last judgement, and to `sample` older
        accounts. Nothing may be under way: no call, and no work of a call that was given up. A
        gateway may take `feed_bound` seconds to hear of an end at another one."""
        new, old = [], []
        for index, mine in enumerate(self._accounts):
            new += mine[self._judged[index]:]
            old += mine[:self._judged[index]]
            self._judged[index] = max(0, len(mine) - 1)  # the last one is used again
        # Of those to whom nothing was acknowledged anything may be true.
        strangers = [account for account in new if account.is_stranger]
        chosen = [account for account in new if not account.is_stranger]
        for some, count in ((strangers, STRANGERS_JUDGED), (old, sample)):
            chosen += self._random.sample(some, min(count, len(some)))
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(lambda account: self._judge_one(account, gateways, feed_bound), chosen))
        return len(chosen)

    def _judge_one(self, account, gateways, feed_bound):
        with contextlib.ExitStack() as stack:
            clients = [stack.enter_context(Connection(gateway)) for gateway in gateways]
            with self._lock:
                self._random.shuffle(clients)
            account.judge(clients, feed_bound)

    def account_of(self, client):
        mine = self._accounts[client]
        if not mine or not mine[-1].usable:
            mine.append(Account(f"user-{client}-{len(mine)}"))
        return mine[-1]

    def chance(self):
        with self._lock:
            return self._random.random()

    def choose(self, among):
        with self._lock:
            return self._random.choice(among)

    def note_effect(self, call, took):
        with self._lock:
            self.acknowledged += 1
            self._note_time(call, took)
            return self.acknowledged

    def note_unanswered(self, call, problem, took):
        with self._lock:
            self.unanswered.append(Unanswered(call, str(problem), took))
            if isinstance(problem, Unavailable):
                self._note_time(call, took)
                self.refused.append(self.unanswered[-1])

    def _note_time(self, call, took):
        self.slowest_of[call] = max(took, self.slowest_of.get(call, 0.0))

    def note_surprise(self, surprise):
        with self._lock:
            self.surprises.append(surprise)


class _Shift:
    """The clients' threads, from the beginning of a block to its end."""

    def __init__(self, oracle, gateways, on_effect):
        self._oracle = oracle
        self._gateways = gateways
        self._on_effect = on_effect or (lambda count: None)
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=[client], daemon=True)
                         for client in range(oracle._count)]

    def start(self):
        for thread in self._threads:
            thread.start()

    def end(self):
        self._over.set()
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive(), "a client waits for ever for an answer"

    def wait_for_effects(self, count, timeout=60.0):
        """Until so many more effects were acknowledged."""
        enough = self._oracle.acknowledged + count
        wait_until(lambda: self._oracle.surprises or self._oracle.acknowledged >= enough, f"{count} effects", timeout)

    def _work(self, client):
        with contextlib.ExitStack() as stack:
            connections = {}
            while not self._over.is_set():
                gateway = self._oracle.choose(self._gateways)
                try:
                    if gateway not in connections:
                        connections[gateway] = stack.enter_context(Connection(gateway))
                except OSError:
                    pause(0.01)  # nothing was sent: nothing can have happened
                    continue
                if not self._step(client, connections[gateway]):
                    del connections[gateway]

    def _step(self, client, auth):
        """False: the connection cannot be used any more."""
        oracle = self._oracle
        account, began = oracle.account_of(client), time.monotonic()
        try:
            call = account.step(auth, oracle.chance())
            self._on_effect(oracle.note_effect(call, time.monotonic() - began))
            return True
        except (ConnectionEnded, OSError) as problem:
            oracle.note_unanswered(account.pending, problem, time.monotonic() - began)
            return False
        except Unavailable as refusal:
            oracle.note_unanswered(account.pending, refusal, time.monotonic() - began)
            return self._understood(refusal.response)
        except Exception as surprise:
            oracle.note_surprise(repr(surprise))
            self._over.set()
            return False

    def _understood(self, response):
        """A client that is told to come again later does so, only sooner."""
        try:
            fine = response.error_code() in ("store_unavailable", "draining") and int(response["Retry-After"]) >= 1
        except (AssertionError, KeyError, ValueError):
            fine = False
        if not fine:
            self._oracle.note_surprise(f"503 {response.fields} {response.body!r}")
        pause(0.01)
        return response.get("Connection", "").lower() != "close"
