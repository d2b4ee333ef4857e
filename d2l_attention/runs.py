"""Numbers of trainings in the book, each with a range in which many runs of it stayed."""

from torch import Tensor

from .language import gettext as _

# Other seeds of the training, one thread and two, both languages' dates.
RANGES: dict[str, tuple[float, float]] = {
    # Of the model that is watched, for one date.
    "largest_before": (0.1, 0.3),
    "share_before": (0.1, 0.25),
    "share_after_10": (0.1, 0.5),
    "share_after_20": (0.3, 0.8),
    "share_after_100": (0.6, 1),
    # Shares of the held-out dates that are read without a mistake.
    "one_vector": (0, 0.3),
    "average_pooling": (0.5, 0.9),
    "dot_product": (0.97, 1),
    "additive": (0.95, 1),
    "moved_values": (0, 0.1),
    # Shares of the digits whose largest weight is on their own part.
    "aligned_year": (0.95, 1),
    "aligned_month": (0.8, 1),
    "aligned_day": (0.95, 1),
    # Of the dates whose written month is changed: the month follows, another digit changes.
    "followed": (0.98, 1),
    "disturbed": (0, 0.2),
    "followed_average": (0.7, 1),
    "disturbed_average": (0.2, 0.7),
    # Shares of the held-out dates whose part is right while the month's word is covered.
    "covered_year": (0.97, 1),
    "covered_month": (0.03, 0.2),
    "covered_day": (0.9, 1),
}


def bounded(**number: float | Tensor) -> str:
    """Write a number of this run, and the range in which it stayed in many runs of the notebook.

    value (least … most)

    Args:
        number: the number, as an argument of its name in `RANGES`.

    Raises:
        TypeError: there is not one number, or no range of its name; the message lists them.

    >>> bounded(additive=0.998)
    '0.998 (0.95 … 1)'
    """
    if len(number) != 1 or not number.keys() <= RANGES.keys():
        words = _("bounded takes one number, of {names}; not {came}")
        came = ", ".join(number) or _("nothing")
        raise TypeError(words.format(names=", ".join(sorted(RANGES)), came=came))
    ((name, value),) = number.items()
    least, most = RANGES[name]
    return f"{float(value):.3g} ({least} … {most})"
