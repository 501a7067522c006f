"""People who are in a gateway's store already, and those who are about to come."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

NEWCOMERS = 100_000
MOST_REGISTERED = 800  # one by one: each costs a password hash


@dataclass(frozen=True)
class Lines:
    """A file of lines of one length, for the generator to put into requests."""
    path: Path
    count: int
    endless: bool = False  # the first may follow the last

    @classmethod
    def write(cls, path, lines, endless=False):
        path.write_text("".join(f"{line}\n" for line in lines))
        return cls(path, len(lines), endless)

    @property
    def first(self):
        with open(self.path) as lines:
            return lines.readline().strip()


@dataclass(frozen=True)
class Accounts:
    """People in `names`, each with one live session whose first refresh token is in `refresh_tokens`;
    and `newcomers`, of whom nobody has heard."""
    names: Lines
    refresh_tokens: Lines
    newcomers: Lines


def names_of(count):
    return [f"person-{number:06}" for number in range(count)]


def accounts_with(folder, refresh_tokens, count):
    return Accounts(Lines.write(folder / "names", names_of(count), endless=True), refresh_tokens,
                    Lines.write(folder / "newcomers", [f"newcomer-{number:06}" for number in range(NEWCOMERS)]))


def people_in(folder, store, token_set, count):
    """Fills the store of a gateway that does not run, where `founder` has registered: all others have
    that one's password."""
    tokens = Lines(token_set.refresh_tokens(count), count)
    with open(tokens.path) as lines:
        people = Lines.write(folder / "people", [person(name, claims_of(token))
                                                 for name, token in zip(names_of(count), lines)])
    store.fill("--people", people.path, "--like", "founder")
    return accounts_with(folder, tokens, count)


def registered_people(folder, gateway, count):
    """The same through a gateway that runs."""
    names = names_of(min(count, MOST_REGISTERED))
    with ThreadPoolExecutor(8) as pool:
        pairs = list(pool.map(gateway.auth().register, names))
    longest = max(len(pair.refresh) for pair in pairs)
    assert all(len(pair.refresh) == longest for pair in pairs), "tokens of one length are wanted"
    return accounts_with(folder, Lines.write(folder / "tokens", [pair.refresh for pair in pairs]), len(names))


def person(name, claims):
    """A line of bench_store's --people."""
    return f"{name} {claims['sub']} {claims['sid']} {claims['iat']} {claims['exp']}"


def claims_of(token):
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
