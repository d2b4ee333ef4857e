"""How a number is written in figures and sentences; painting.js writes it by the same rule."""

import math
from decimal import ROUND_HALF_UP, Context

WHOLE = 100  # no decimals from here on
LARGE = 1e6  # with an exponent from here on
# Processors differ in the last bits of a float32: 0.125 here may be 0.12499999 there.
SAFE_DIGITS = 5

THREE_DIGITS = Context(prec=3, rounding=ROUND_HALF_UP)


def number_text(x: float, digits: int = 2) -> str:
    """Write a number as the live figures do: 0.13, −1.50, 1234, 1.23e6, ∞, −∞ or NaN.

    It is rounded to five decimals first, so that what differs only in its last bits is written
    alike, then to `digits`; halves go away from 0. What rounds to 100 or more has no decimals, and
    what rounds to a million or more has three digits and an exponent. The minus sign is U+2212,
    and what rounds to 0 has none.

    Args:
        x: any number; of a float32 or a float64.
        digits: how many decimals a number below 100 has, from 0 to 5.

    >>> [number_text(x) for x in (0.125, -0.001, 99.996, -1234.5, 1.225e6, -math.inf)]
    ['0.13', '0.00', '100', '−1235', '1.23e6', '−∞']
    """
    if not math.isfinite(x):
        return "NaN" if math.isnan(x) else "∞" if x > 0 else "−∞"
    size = abs(x)
    if size < LARGE:
        rounded = _rounded(size, digits)
        if rounded >= WHOLE:
            rounded, digits = _rounded(size, 0), 0
    else:
        rounded = size
    text = f"{rounded:.{digits}f}" if rounded < LARGE else _with_exponent(size)
    return f"−{text}" if x < 0 and rounded else text


def _rounded(size: float, digits: int) -> float:
    """Round to five decimals, then to `digits`, halves up."""
    unit = 10 ** (SAFE_DIGITS - digits)
    steps = math.floor(size * 10**SAFE_DIGITS + 0.5)
    return (steps + unit // 2) // unit / 10**digits


def _with_exponent(size: float) -> str:
    digits = THREE_DIGITS.create_decimal_from_float(size)
    return f"{digits:.2e}".replace("e+", "e")
