"""A gate is only as good as what it says when it fails."""

import pytest

from gate import hold, sentence


@pytest.mark.parametrize("measured, unit, allowed, said", [
    (31_000, "instructions per warm GET", 27_600, "31,000 instructions per warm GET, 12.3 % over the 27,600 allowed"),
    (26_220, "instructions per warm GET", 27_600, "26,220 instructions per warm GET, 5.0 % under the 27,600 allowed"),
    (6.5, "system calls per warm GET", 6.2, "6.50 system calls per warm GET, 4.8 % over the 6.20 allowed"),
    (5.0, "system calls per warm GET", 6.2, "5 system calls per warm GET, 19.4 % under the 6.20 allowed"),
    (3, "allocations in 20 warm GETs", 0, "3 allocations in 20 warm GETs, 3 over the 0 allowed"),
    (0, "allocations in 20 warm GETs", 0, "0 allocations in 20 warm GETs, exactly the 0 allowed"),
])
def test_a_figure_is_told_with_its_distance_from_what_is_allowed(measured, unit, allowed, said):
    assert sentence(measured, unit, allowed) == said


def test_a_gate_fails_above_what_is_allowed_and_not_before():
    hold(7, "things", at_most=7)
    with pytest.raises(AssertionError, match="^8 things, 14.3 % over the 7 allowed$"):
        hold(8, "things", at_most=7)
