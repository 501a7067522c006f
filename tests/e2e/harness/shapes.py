"""Whether an answer is built as a page shows it: the same members, of the same kinds."""

NUMBER = (int, float)


def difference(shown, real, place="the answer"):
    """What differs first, in words; "" where nothing does. Null stands for anything, on either side."""
    if shown is None or real is None:
        return ""
    if isinstance(shown, dict):
        if not isinstance(real, dict) or set(shown) != set(real):
            return f"{place}: {shown!r} is shown and {real!r} came"
        return next(filter(None, (difference(shown[name], real[name], f"{place}.{name}") for name in shown)), "")
    if isinstance(shown, list):
        if not isinstance(real, list):
            return f"{place}: a list is shown and {real!r} came"
        return next(filter(None, (difference(shown[0], each, place + "[]") for each in real if shown)), "")
    kinds = NUMBER if isinstance(shown, NUMBER) and not isinstance(shown, bool) else type(shown)
    return "" if isinstance(real, kinds) else f"{place}: {shown!r} is shown and {real!r} came"


def assert_as_shown(shown, real):
    assert difference(shown, real) == ""
