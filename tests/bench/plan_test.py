"""What a service needs, worked out from figures that anybody can check."""

import dataclasses

import pytest

from paths import ROOT
from plan import CALLS, Figures, Habits, calls_of, feed_cores, needs_of, replicas_for, tables

# A day of 86,400 users who each do everything once: one call of each kind a second.
ONE_EACH = Habits(daily_users=86_400, known_users=1_000_000, sessions=2, registrations=1, logins=1, refreshes=1,
                  logouts=1, requests=1, peak=10, access_life=3_600, changes_kept=2, load=0.5, cores=4)
EVERY_FIGURE_ONE = Figures(**{field.name: 1.0 for field in dataclasses.fields(Figures)})


def test_calls_are_spread_over_the_day_and_heaped_up_at_the_peak():
    for one in calls_of(ONE_EACH, EVERY_FIGURE_ONE):
        assert (one.a_day, one.mean, one.peak) == (86_400, 1, 10)
        assert one.gateway_cores == pytest.approx(10e-6)


def test_a_verified_request_asks_no_store():
    asking = {one.name for one in calls_of(ONE_EACH, EVERY_FIGURE_ONE) if one.store_cores > 0}
    assert asking == set(CALLS) - {"verified requests"}


@pytest.mark.parametrize("request_us, replicas", [
    (1.0, 2),        # next to nothing still takes one, and one may be missing
    (199_000, 2),    # 10 a second are 1.99 cores, of the 2 that a half-busy replica has
    (201_000, 3),
])
def test_replicas_are_enough_with_one_of_them_gone(request_us, replicas):
    figures = dataclasses.replace(EVERY_FIGURE_ONE, request_us=request_us)
    assert replicas_for(calls_of(ONE_EACH, figures), ONE_EACH) == replicas


def test_each_replica_hears_each_logout():
    logouts, = (one for one in calls_of(ONE_EACH, EVERY_FIGURE_ONE) if one.name == "logouts")
    figures = dataclasses.replace(EVERY_FIGURE_ONE, feed_store_us=100, quiet_feed_store_us=2_000)
    assert feed_cores(logouts, 100, figures) == pytest.approx(100 * (10 * 100 + 2_000) / 1e6)


def test_bytes_add_up():
    figures = dataclasses.replace(EVERY_FIGURE_ONE, user_bytes=1_000, session_bytes=680, superseded_bytes=10,
                                  change_bytes=100_000, redis_session_bytes=500, revocation_bytes=100)
    needs = dict(needs_of(ONE_EACH, figures))
    assert needs["PostgreSQL: accounts"] == "1.0 GB"
    assert needs["PostgreSQL: sessions, refreshed 32 times or more"] == "2.0 GB"  # 2 million of 680 + 32 * 10
    assert needs["PostgreSQL: changes"] == "17.3 GB"  # 86,400 a day for two days
    assert needs["or Redis: the same sessions, in memory"] == "1.0 GB"
    assert needs["ended sessions in each gateway's table, if the busiest second lasts"] == "36,000"
    assert needs["memory of that table"] == "4 MB"


def test_the_document_tells_what_the_program_does():
    assert tables(Habits(), Figures()) in (ROOT / "docs" / "SCALING.md").read_text()
