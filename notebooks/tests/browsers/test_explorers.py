"""Every explorer in every browser: taken hold of in each way, it shows what torch computes."""

import json

import pytest
import torch
from bs4 import BeautifulSoup

from d2l_attention import DotProductAttention, MultiplicativeAttention, explore

from .figures import KINDS

# Its page, which figure of it, and where it starts.
EXPLORERS = {
    "database": ("start", 0, "#figure=1&query=Li"),
    "plane": ("2-attention-pooling", 0, "#figure=1&shown=true"),
    "dot product": ("dot-product", 0, ""),
    "multiplicative": ("multiplicative", 0, ""),
    "masked": ("5-masks-and-minibatches", 2, ""),
    "additive": ("6-additive-attention", 1, ""),
    "minibatch": ("minibatch", 1, "#figure=2&batch=1"),
}
PHONE = (390, 800)


@pytest.fixture(scope="session")
def pages(site):
    """The pages of the site, and three more.

    No notebook shows a figure of several examples, and of these scores each asks for a prediction.
    """
    torch.manual_seed(0)
    Q, K, V = torch.randn(2, 3, 2), torch.randn(2, 4, 2), torch.randn(2, 4, 1)
    minibatch = explore(DotProductAttention(), Q, K, V, torch.tensor([3, 2]))
    corners = torch.tensor([[2.0, 0.0], [0.0, 2.0], [1.0, 1.0]])
    dot_product = explore(DotProductAttention(), corners, corners, V[0, :3])
    multiplicative = explore(MultiplicativeAttention(num_hiddens=2), Q[0], K[0], V[0])
    _append(site, "start", minibatch, "minibatch")
    _append(site, "api", dot_product, "dot-product")
    _append(site, "api", multiplicative, "multiplicative")
    return site


def _append(site, name, explorer, new_name):
    """Write a page anew, with a figure at its end: there it would move if it grew shorter."""
    figure = explorer._repr_mimebundle_()[0]["text/html"]
    page = BeautifulSoup((site / "en" / f"{name}.html").read_text("utf-8"), "html.parser")
    page.article.append(BeautifulSoup(figure, "html.parser"))
    (site / "en" / f"{new_name}.html").write_text(str(page), "utf-8")


@pytest.fixture(params=EXPLORERS)
def show(request, pages, visit):
    """Show an explorer, at a size or as an address has it."""
    name, at, start = EXPLORERS[request.param]
    path = f"en/{name}.html"
    page = BeautifulSoup((pages / path).read_text("utf-8"), "html.parser")
    saved = json.loads(page.select("[data-d2l-attention]")[at]["data-d2l-attention"])

    def show(fragment=start, **size):
        return KINDS[saved["kind"]](visit(path, fragment, **size), at, saved)

    return show


def check(figure, done):
    """Exactly what was done has changed, and all that follows."""
    expected, tolerance = done
    changed = figure.changes()
    assert changed.keys() == (figure.start | expected).keys()
    for name, value in expected.items():
        told = changed[name] if isinstance(value, str) else float(changed[name])
        assert told == (value if isinstance(value, str) else pytest.approx(value, abs=tolerance))
    figure.check(changed)


def test_at_rest(show):
    figure = show()
    figure.check(figure.start)


@pytest.mark.parametrize("touch", [False, True], ids=["pointer", "touch"])
def test_dragged(show, touch):
    figure = show()
    check(figure, figure.drag(touch))


def test_dragged_by_touch_on_a_phone(show):
    figure = show(size=PHONE)
    assert figure.page.evaluate("() => innerWidth") == PHONE[0]
    check(figure, figure.drag(touch=True))


def test_written(show):
    figure = show()
    check(figure, figure.write())


def test_stepped_with_the_arrow_keys(show):
    figure = show()
    check(figure, figure.step())


def test_its_link_reopens_the_same_state(show):
    figure = show()
    figure.drag(touch=False)
    changed = figure.changes()
    figure.check(changed)
    again = show(figure.link())
    again.check(changed)
    assert again.look() == figure.look()
