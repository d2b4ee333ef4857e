"""The recipes: each does what its page prints, what plain torch does, and is as short as it claims."""

import doctest
import io
import re
import tokenize
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from tools.files import SOURCE, Book
from tools.spelling import unknown

BOOK = Book(Path(__file__).parents[2])
LANGUAGES = [SOURCE, *BOOK.languages]
BLOCK = re.compile(r"```pycon\n(.*?)```", re.DOTALL)


def page(language):
    return BOOK.recipes(language).read_text("utf-8")


def recipes(language):
    """Each title and its code, in the order of the page."""
    _, *parts = re.split(r"^## ", page(language), flags=re.MULTILINE)
    return [(part.partition("\n")[0], *BLOCK.findall(part)) for part in parts]


ALL = [(language, *recipe) for language in LANGUAGES for recipe in recipes(language)]


def run(title, code):
    """Run a recipe, see that it prints what stands there, and give the names that it has made."""
    test = doctest.DocTestParser().get_doctest(code, {}, title, title, 0)
    said = io.StringIO()
    doctest.DocTestRunner().run(test, out=said.write, clear_globs=False)
    assert not said.getvalue(), said.getvalue()
    return test.globs


def lines(code):
    return [line[4:] for line in code.splitlines() if line[:4] in (">>> ", "... ")]


@pytest.mark.parametrize(("language", "title", "code"), ALL, ids=lambda text: text[:20])
def test_a_recipe_prints_what_its_page_says_and_is_short(language, title, code):
    torch.manual_seed(0)
    run(title, code)
    assert len(lines(code)) < 15


def shape(code):
    """The code without its comments and its strings, and the numbers in what it prints."""
    source = "\n".join(lines(code)) + "\n"
    words = (tokenize.COMMENT, tokenize.STRING, tokenize.NL)
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    printed = [line for line in code.splitlines() if line[:3] not in (">>>", "...")]
    numbers = re.findall(r"\d[\d.]*", "\n".join(printed))
    return [token.string for token in tokens if token.type not in words], numbers


def test_the_languages_have_the_same_recipes():
    for language in BOOK.languages:
        for (_, code), (_, source) in zip(recipes(language), recipes(SOURCE), strict=True):
            assert shape(code) == shape(source)


def test_the_prose_is_rightly_spelt():
    prose = {language: BLOCK.sub("", page(language)) for language in LANGUAGES}
    assert not [*unknown("Veličković, TF-IDF, Su, RoFormer", prose[SOURCE], SOURCE)]
    for language in BOOK.languages:
        own = set(BOOK.words(language).read_text("utf-8").split())
        assert not [*unknown(prose[SOURCE], prose[language], language, own)]


def made(number):
    """What a recipe of the English page leaves behind."""
    torch.manual_seed(0)
    return run(*recipes(SOURCE)[number])


def draw(*shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(1))


def test_folded_heads_are_those_of_torch():
    names = made(0)
    fold, unfold = names["fold"], names["unfold"]
    Q, K, V = draw(2, 3, 12), draw(2, 5, 12), draw(2, 5, 12)
    lens = torch.tensor([5, 2])
    output = unfold(
        names["attention"](*(fold(X, 4) for X in (Q, K, V)), lens.repeat_interleave(4)), 4
    )
    heads = (X.view(2, -1, 4, 3).transpose(1, 2) for X in (Q, K, V))
    seen = torch.arange(5) < lens[:, None, None, None]
    expected = F.scaled_dot_product_attention(*heads, seen).transpose(1, 2).reshape(2, 3, 12)
    torch.testing.assert_close(output, expected)


def test_what_is_causal_and_padded_is_torchs():
    names = made(1)
    X = draw(2, 4, 8)
    output = names["DotProductAttention"]()(X, X, X, [4, 3], mask=names["causal"])
    later = torch.triu(torch.full((4, 4), -torch.inf), diagonal=1)
    scores = X @ X.mT / 8**0.5 + later
    scores[1, :, 3] = -torch.inf
    torch.testing.assert_close(output, scores.softmax(dim=-1) @ X)


def test_alibi_is_a_bias_of_torchs_kernel_also_in_blocks():
    attention = made(2)["ALiBi"]()
    X = draw(256, 65, 8)
    place = torch.arange(65.0)
    bias = -torch.log(torch.tensor(2.0)) * torch.cdist(place[:, None], place[:, None])
    expected = F.scaled_dot_product_attention(X, X, X, bias)
    for attention.keep_weights in (True, False):
        torch.testing.assert_close(attention(X, X, X), expected)


def test_a_window_is_a_band():
    names = made(3)
    X = draw(1, 5, 8)
    scores = (X @ X.mT / 8**0.5).exp()
    band = scores.tril(1).triu(-1)
    weights = names["DotProductAttention"]().weights(X, X, mask=names["window"])
    torch.testing.assert_close(weights, band / band.sum(dim=-1, keepdim=True))


def test_a_node_hears_its_neighbours_by_their_scores():
    names = made(4)
    attention, nodes, heard = names["attention"], names["nodes"][0], names["heard"][0]
    W_q, W_k, w_v = attention.W_q.weight, attention.W_k.weight, attention.w_v.weight[0]
    expected = torch.zeros(4, 4)
    for i, of_i in enumerate([[1], [0, 2], [1], []]):
        if of_i:
            scores = [w_v @ torch.tanh(W_q @ nodes[i] + W_k @ nodes[j]) for j in of_i]
            expected[i, of_i] = torch.stack(scores).softmax(dim=0)
    torch.testing.assert_close(heard, expected)


def test_a_soft_dictionary_weighs_by_tf_idf():
    names = made(5)
    # "parcel" and "is" stand in two of three texts; "my", in all, counts nothing.
    overlap = 2 * torch.log(torch.tensor(3 / 2)) ** 2
    scores = 20 * overlap / 8**0.5 * torch.tensor([1.0, 1.0, 0.0])
    delivery = scores.softmax(dim=0)[:2].sum()
    output = names["DotProductAttention"]()(
        20 * names["query"][None, None], names["keys"][None], names["answers"]
    )
    torch.testing.assert_close(output[0, 0, 0], delivery)


def test_rotary_positions_turn_complex_numbers():
    rotate = made(6)["rotate"]
    X = draw(2, 7, 6)
    pairs = torch.view_as_complex(X.unflatten(-1, (3, 2)))
    powers = torch.tensor([10_000 ** (-k / 3) for k in range(3)])
    turned = pairs * torch.exp(1j * torch.arange(7)[:, None] * powers)
    torch.testing.assert_close(rotate(X), torch.view_as_real(turned).flatten(-2))


def test_a_penalty_moves_the_parameters_by_its_gradient():
    names = made(7)
    attention, X, distance = names["attention"], names["X"], names["distance"]
    learned = [*attention.parameters()]
    for W in learned:
        torch.nn.init.normal_(W)
    found = torch.autograd.grad((attention.weights(X, X) * distance).sum(dim=-1).mean(), learned)
    W_q, W_k = attention.W_q.weight, attention.W_k.weight
    weights = (W_q.T @ W_k / 8**0.5).softmax(dim=-1)  # of unit vectors
    expected = torch.autograd.grad((weights * distance).sum() / 5, learned)
    torch.testing.assert_close(found, expected)
