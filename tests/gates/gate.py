"""What a gate says: the figure, what is allowed, and how far the one is from the other."""


def hold(measured, unit, at_most):
    assert measured <= at_most, sentence(measured, unit, at_most)


def sentence(measured, unit, allowed):
    """For example "31,000 instructions per warm GET, 12.3 % over the 27,600 allowed"."""
    return f"{number(measured)} {unit}, {distance(measured, allowed)} the {number(allowed)} allowed"


def distance(measured, allowed):
    if measured == allowed:
        return "exactly"
    side = "over" if measured > allowed else "under"
    apart = abs(measured - allowed)
    return f"{number(apart)} {side}" if allowed == 0 else f"{100 * apart / allowed:.1f} % {side}"


def number(value):
    return f"{value:,.0f}" if value >= 1000 or value == int(value) else f"{value:,.2f}"
