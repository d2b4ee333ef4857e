"""Numbers of trainings in the book, each with a range in which nearly all of many runs stayed."""

from torch import Tensor

from .language import gettext as _

# Measured with many seeds, on one thread and on two; for notebook 7 with both languages' dates.
# In each range of notebook 9 at least 30 of 32 runs stayed; it says what the others did.
RANGES: dict[str, tuple[float, float]] = {
    # Notebook 7: of the model that is watched, for one date.
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
    # The month follows if only the start state is the changed date's, the word's vector, the others.
    "followed_start": (0, 0.1),
    "followed_word": (0.95, 1),
    "followed_others": (0, 0.1),
    # Notebook 9: shares of right answers in the first period, and after it.
    "first_untrained": (0.02, 0.12),
    "first_trained": (0, 0.05),
    "first_letter": (0.7, 1),
    "first_letter_without": (0, 0.2),
    "later_untrained": (0.02, 0.12),
    "later_50": (0.1, 0.6),
    "later_100": (0.5, 1),
    "later_200": (0.99, 1),
    # Mean weights one place back, and after a copy of the letter.
    "looks_back": (0.7, 1),
    "other_back": (0, 0.75),
    "after_copy": (0.7, 1),
    # At the second C of ABCDEABC: mean weights, and shares of the answers; with X in place of a
    # letter, and with what layer 1 brings to B and D changed.
    "on_d": (0.8, 1),
    "says_d": (0.98, 1),
    "on_d_x": (0, 0.2),
    "says_d_x": (0, 0.2),
    "on_d_told": (0, 0.1),
    "says_d_told": (0, 0.05),
    "on_b_told": (0.7, 1),
    "says_b_told": (0.95, 1),
    # Shares of right answers with longer periods, and where a letter comes again after 16.
    "two_layers_longer": (0.9, 1),
    "again_5": (0.95, 1),
    "again_13": (0, 0.1),
    # Shares of right answers after the first period, without heads, layers or positions.
    "without_back": (0, 0.5),
    "without_other": (0.9, 1),
    "without_one": (0.3, 1),
    "without_both": (0, 0.2),
    "two_layers": (0.99, 1),
    "one_layer": (0.2, 0.55),
    "one_layer_longer": (0, 0.1),
    "no_positions": (0.75, 1),
    "changed_answers": (0.6, 1),
    # With a mask that is shifted by one, and where the model goes on by itself.
    "shifted_first": (0.95, 1),
    "shifted_later": (0.95, 1),
    "shifted_alone": (0, 0.3),
    "causal_alone": (0.98, 1),
}


def bounded(**number: float | Tensor) -> str:
    """Write a number of this run, and the range in which it stayed in nearly all of many runs.

    value to thousandths (least … most)

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
    return f"{round(float(value), 3):g} ({least} … {most})"
