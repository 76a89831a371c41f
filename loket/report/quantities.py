"""Figures as people read them: a unit always, three digits where they suffice, one dash for what is not known."""

NOT_KNOWN = "—"


def count(number: int | float | None) -> str:
    """
    >>> count(12345)
    '12,345'
    """
    return NOT_KNOWN if number is None else f"{number:,.0f}"


def milliseconds(duration_ms: float | None) -> str:
    """A duration given in milliseconds.

    >>> [milliseconds(ms) for ms in (0.42, 7.25, 812.4, 3456, 75_000, None)]
    ['0.42 ms', '7.2 ms', '812 ms', '3.46 s', '75.0 s', '—']
    """
    if duration_ms is None:
        return NOT_KNOWN
    for limit, digits in ((1, 2), (10, 1), (1000, 0)):
        if duration_ms < limit:
            return f"{duration_ms:.{digits}f} ms"
    return f"{duration_ms / 1000:.{2 if duration_ms < 10_000 else 1}f} s"


def seconds(duration_s: float | None) -> str:
    """A duration given in seconds, as `milliseconds` writes it."""
    return milliseconds(None if duration_s is None else duration_s * 1000)


def moment(second: float | None) -> str:
    """An instant in seconds of the run.

    >>> moment(22.04), moment(3725.5), moment(None)
    ('22.0 s', '3,725.5 s', '—')
    """
    return NOT_KNOWN if second is None else f"{second:,.1f} s"


def share(part: float, whole: float) -> str:
    """
    >>> share(1, 3), share(0, 0)
    ('33.3 %', '—')
    """
    return f"{100 * part / whole:.1f} %" if whole else NOT_KNOWN
