#!/usr/bin/python3
"""From figures that were measured to what a service of some size needs.

    tests/bench/plan.py                          ten million daily users, as docs/SCALING.md has it
    tests/bench/plan.py --daily-users 1000000 --requests 500 --peak 10

Everything that people do is an option, and so is every figure that was measured: put in your own.
"""

import argparse
import dataclasses
import math
import pathlib
import sys
from dataclasses import dataclass

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from report import aligned  # noqa: E402

DAY = 86_400


@dataclass(frozen=True)
class Habits:
    """What people do; each a day and daily user where nothing else is said."""
    daily_users: float = 10_000_000
    known_users: float = 30_000_000     # accounts
    sessions: float = 1.5               # live ones of an account
    registrations: float = 0.002
    logins: float = 0.1                 # a session lives for a year: most days need none
    refreshes: float = 4.0              # access tokens live for an hour
    logouts: float = 0.05               # and whatever else ends a session
    requests: float = 200.0             # verified ones
    peak: float = 5.0                   # of the busiest second, in parts of the mean
    access_life: float = 3_600.0        # seconds
    changes_kept: float = 1.0           # days
    load: float = 0.6                   # of a core, in the busiest second
    cores: float = 4.0                  # of a replica


@dataclass(frozen=True)
class Figures:
    """What was measured (docs/SCALING.md): microseconds of a gateway's core and of PostgreSQL's for each call,
    and bytes."""
    registration_us: float = 34_400.0
    login_us: float = 33_000.0
    refresh_us: float = 507.0
    logout_us: float = 438.0
    request_us: float = 23.0
    registration_store_us: float = 1_220.0
    login_store_us: float = 1_600.0
    refresh_store_us: float = 957.0
    logout_store_us: float = 1_190.0
    feed_store_us: float = 240.0        # for each replica that hears of a logout
    quiet_feed_store_us: float = 2_100.0  # a second, for each replica
    user_bytes: float = 770.0           # in users and names
    session_bytes: float = 450.0
    superseded_bytes: float = 104.0     # one of a session's older generations, of which 32 are kept
    change_bytes: float = 140.0
    redis_session_bytes: float = 2_400.0
    revocation_bytes: float = 48.0      # in each gateway


CALLS = {"registrations": "registration", "logins": "login", "refreshes": "refresh", "logouts": "logout",
         "verified requests": "request"}
GENERATIONS = 32


@dataclass(frozen=True)
class Call:
    name: str
    a_day: float
    mean: float            # a second
    peak: float
    gateway_cores: float   # at the peak
    store_cores: float


def calls_of(habits, figures):
    found = []
    for name, figure in CALLS.items():
        a_day = habits.daily_users * getattr(habits, name.split()[-1])
        peak = a_day / DAY * habits.peak
        found.append(Call(name, a_day, a_day / DAY, peak, peak * getattr(figures, f"{figure}_us") / 1e6,
                          peak * getattr(figures, f"{figure}_store_us", 0.0) / 1e6))
    return found


def replicas_for(calls, habits):
    """As many as are busy to `load` in the busiest second, and one that may be missing."""
    return math.ceil(sum(one.gateway_cores for one in calls) / habits.load / habits.cores) + 1


def feed_cores(logouts, replicas, figures):
    """Of the store, at the peak: each logout is heard by each replica, and a quiet one asks now and then."""
    return replicas * (logouts.peak * figures.feed_store_us + figures.quiet_feed_store_us) / 1e6


def needs_of(habits, figures):
    """What there has to be, as (what, how much)."""
    calls = calls_of(habits, figures)
    logouts = next(one for one in calls if one.name == "logouts")
    replicas = replicas_for(calls, habits)
    feed = feed_cores(logouts, replicas, figures)
    store = sum(one.store_cores for one in calls)
    sessions = habits.known_users * habits.sessions
    session_bytes = figures.session_bytes + GENERATIONS * figures.superseded_bytes
    refused = logouts.peak * habits.access_life
    return [
        (f"replicas of {habits.cores:.0f} cores, {habits.load:.0%} busy in the busiest second, and one more", f"{replicas}"),
        ("cores of PostgreSQL for calls, in the busiest second", f"{store:.1f}"),
        ("cores of PostgreSQL for the feeds, in the busiest second", f"{feed:.2f}"),
        ("PostgreSQL: accounts", gigabytes(habits.known_users * figures.user_bytes)),
        ("PostgreSQL: sessions, refreshed 32 times or more", gigabytes(sessions * session_bytes)),
        ("PostgreSQL: changes", gigabytes(logouts.a_day * habits.changes_kept * figures.change_bytes)),
        ("or Redis: the same sessions, in memory", gigabytes(sessions * figures.redis_session_bytes)),
        ("rows of the feed, in the busiest second", f"{logouts.peak:,.0f}"),
        ("ended sessions in each gateway's table, if the busiest second lasts", f"{refused:,.0f}"),
        ("memory of that table", f"{refused * figures.revocation_bytes / 1e6:,.0f} MB"),
    ]


def gigabytes(count):
    return f"{count / 1e9:,.1f} GB"


def tables(habits, figures):
    rates = [["", "a day", "mean/s", "peak/s", "gateways' cores", "PostgreSQL's cores"]]
    for one in calls_of(habits, figures):
        rates.append([one.name, f"{one.a_day / 1e6:,.2f} M", f"{one.mean:,.0f}", f"{one.peak:,.0f}",
                      f"{one.gateway_cores:.1f}", f"{one.store_cores:.1f}"])
    return f"{aligned(rates)}\n\n{aligned([['needed', ''], *map(list, needs_of(habits, figures))])}"


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for kind in (Habits, Figures):
        for field in dataclasses.fields(kind):
            arguments.add_argument(f"--{field.name.replace('_', '-')}", type=float, default=field.default)
    told = vars(arguments.parse_args())
    habits, figures = (kind(**{field.name: told[field.name] for field in dataclasses.fields(kind)})
                       for kind in (Habits, Figures))
    print(tables(habits, figures))


if __name__ == "__main__":
    main()
