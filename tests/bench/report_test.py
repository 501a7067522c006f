"""Figures as they stand in tables."""

import pytest

from report import aligned, feed_row


def test_cells_stand_below_one_another():
    assert aligned([["", "ms"], ["long name", "1"], ["x", "1,000"]]).splitlines() == [
        "|           |    ms |", "|-----------|-------|", "| long name |     1 |", "| x         | 1,000 |"]


@pytest.mark.parametrize("rate, delays", [(0, ["-", "-", "-"]), (10, ["2.5", "7.1", "9.0"])])
def test_a_feed_without_logouts_has_no_delay(rate, delays):
    told = {"rate": rate, "logouts": rate * 1.0, "p50_us": 2_500, "p99_us": 7_100, "longest_us": 9_000, "server_cpu": 0.25,
            "own_cpu": 0.5, "server_processes": 217}
    assert feed_row(told, own_processes=17) == [str(rate), str(rate), *delays, "0.25", "0.50", "200"]
