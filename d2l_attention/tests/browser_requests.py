"""What a browser asks of a live figure, and what it is answered."""

import itertools

numbers = itertools.count(1)


def ask(figure, kind, **content):
    """Send a request, and return the messages that came meanwhile: (content, buffers) each."""
    sent = []
    figure.send = lambda content, buffers=None: sent.append((content, buffers))
    request = {"kind": kind, "id": "a browser", "sequence": next(numbers)}
    figure._handle_custom_msg(request | content, [])
    return sent


def edit(figure, *edits, epoch=None, **controls):
    """Edit numbers, [name, index, value], and controls; return the messages that came."""
    epoch = figure._epoch if epoch is None else epoch
    return ask(figure, "edit", edits=edits, controls=controls, epoch=epoch)
