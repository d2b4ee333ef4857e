"""What a figure in Python really answers, recorded and played to the browser's store by Node."""

import base64

import torch

from d2l_attention import DotProductAttention
from d2l_attention.explorers import explore

from .browser_requests import ask, edit
from .node import run_js


def recorded(messages):
    """Write messages as JSON: what each says, and the bytes beside it."""
    return [
        {"content": content, "bytes": base64.b64encode(buffers[0]).decode()}
        for content, buffers in messages
    ]


def of_two_examples():
    """A figure of the sizes that kernel.js plays: two examples of two queries and three keys."""
    Q, K, V = (torch.arange(1.0, n * 2 * d + 1).reshape(2, n, d) / 4
               for n, d in ((2, 2), (3, 2), (3, 1)))  # fmt: skip
    return explore(DotProductAttention(), Q, K, V, torch.full((2, 2), 3))


def assigned(figure, **values):
    """Assign from Python, and return the messages that nobody asked for."""
    sent = []
    figure.send = lambda content, buffers=None: sent.append((content, buffers))
    figure.assign(**values)
    return sent


def test_the_store_understands_python_and_the_kernel_of_the_tests_speaks_like_it(tmp_path):
    figure = of_two_examples()
    state = figure.get_state(["_setup", "_now", "_numbers"])
    first = {
        "setup": state["_setup"], "now": state["_now"],
        "bytes": base64.b64encode(state["_numbers"]).decode(),
    }  # fmt: skip
    messages = {
        "hello": ask(figure, "hello"),
        "edit": edit(figure, ["Q", 0, 2.0], ["Q", 5, -1.0], temperature=0.5),
        "refusal": edit(figure, temperature=-1),
        "batch": edit(figure, batch=1),
        "reset": ask(figure, "reset"),
        "news": assigned(figure, K=-figure.K),
    }
    assert [len(sent) for sent in messages.values()] == [1] * len(messages)
    answers = {name: recorded(sent)[0] for name, sent in messages.items()}
    assert run_js("recorded.test.js", {"first": first, "answers": answers}, tmp_path) == 3
