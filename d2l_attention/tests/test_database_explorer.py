"""The database explorer: the similarity that ships against difflib, and the Python side."""

import io
import random
import unicodedata
from difflib import SequenceMatcher

import numpy as np
import pytest
import torch
from PIL import Image

from d2l_attention import Database, explore_database
from d2l_attention.database import _folded, _similarity
from d2l_attention.language import speaking
from d2l_attention.number_text import number_text

from .browser_requests import edit
from .node import run_js
from .test_database import RECORDS

POINTS = Database([("a", [0.0, 1.0]), ("ab", [2.0, 3.0]), ("xyz", [-4.0, 0.5])])


def _matching_blocks(a: str, b: str) -> list:
    """Where they match, [start in a, start in b, size], without difflib's end of size 0."""
    matcher = SequenceMatcher(None, _folded(a), _folded(b), autojunk=False)
    return [list(block) for block in matcher.get_matching_blocks()[:-1]]


def test_the_browsers_similarity_is_pythons(tmp_path):
    draw = random.Random(0)
    texts = [
        "",
        "Li",
        "LIPTON",
        "Straße",
        "STRASSE",
        "ΣΊΣΥΦΟΣ",
        "σίσυφος",
        "İzmir",
        "ısı",
        "ﬁn",
        "𝒳😀é",
        "García",
        unicodedata.normalize("NFD", "GARCÍA Peña"),
        "Garcia Pena",
        "Việt Nguyễn",
        "\u0958\u0301",
    ]
    for letters in ("ab", "abcd", "Liptonz", "ßsSıiIİσςΣ😀", "aáAÁ\u0301nñ\u0303"):
        texts += ["".join(draw.choices(letters, k=draw.randrange(14))) for _ in range(12)]
    pairs = [(a, b) for a in texts for b in texts]
    # Past 200 letters difflib has a shortcut, which the database does not take.
    first, second = ("".join(draw.choices("abc", k=250)) for _ in range(2))
    pairs.append((first, second))
    cases = [(a, b, _similarity(a, b), _matching_blocks(a, b)) for a, b in pairs]
    assert run_js("similarity.test.js", cases, tmp_path) == 4


def test_it_shows_what_the_database_answers():
    explorer = explore_database(Database(RECORDS), "Li", temperature=0.1)
    torch.testing.assert_close(explorer.weights, Database(RECORDS).weights("Li", 0.1)[0])
    assert explorer.answer == "Mu" and explorer.output is None
    explorer.query, explorer.temperature = "smol", 3.0
    torch.testing.assert_close(explorer.weights, Database(RECORDS).weights("smol", 3.0)[0])
    assert explorer.answer == "Alex"


def test_a_record_is_deleted_and_restored_in_the_figure_only():
    database = Database(RECORDS)
    explorer = explore_database(database, "Li")
    seen = []
    explorer.observe(lambda change: seen.append(change.new), "deleted")
    explorer.deleted = ["Li"]
    assert explorer.answer == "Zachary" and explorer.weights[2] == 0
    assert explorer.weights.sum() == pytest.approx(1) and len(database) == 6
    explorer.deleted = ["Werness", "Li"]
    assert explorer.deleted == ("Li", "Werness")  # in the database's order
    explorer.deleted = database.keys
    assert explorer.answer is None and not explorer.weights.any()
    explorer.reset()
    assert explorer.answer == "Mu" and seen[0] == ("Li",) and seen[-1] == ()


def test_vectors_are_averaged():
    explorer = explore_database(POINTS, "ab", 0.5)
    torch.testing.assert_close(explorer.output, POINTS.attend("ab", 0.5)[0])
    explorer.deleted = POINTS.keys
    assert explorer.output.tolist() == [0, 0]


def test_what_the_browser_says_is_taken_and_answered_once():
    explorer = explore_database(Database(RECORDS))
    ((content, (numbers,)),) = edit(explorer, query="Hu", temperature=0.5, deleted=["Li"])
    assert (explorer.query, explorer.temperature, explorer.deleted) == ("Hu", 0.5, ("Li",))
    assert content["kind"] == "result" and content["arrays"][1] == ["weights", 6]
    weights = torch.frombuffer(bytearray(numbers), dtype=torch.float32)[6:12]
    assert torch.equal(weights, explorer.weights)
    # Python's word counts before an edit that was on its way.
    explorer.query = "Li"
    ((answer, _numbers),) = edit(explorer, query="old", epoch=0)
    assert answer["epoch"] == 1 and explorer.query == "Li"


def test_the_words_say_the_state():
    explorer = explore_database(Database(RECORDS[:3]), "Li")
    explorer.deleted = ["Li"]
    assert repr(explorer) == (
        "Query 'Li' at temperature 0.2. Deleted: Li. No such key. Nearest: Lipton → Zachary. "
        "Weights: Zhang 0.08, Lipton 0.92."
    )
    explorer.query = ""
    assert "No such key. Weights:" in repr(explorer)
    assert "Exact match: [2.0, 3.0]." in repr(explore_database(POINTS, "ab"))
    data, _metadata = explorer._repr_mimebundle_()
    assert data["text/plain"] == repr(explorer) and "data:image/png" in data["text/html"]


@pytest.mark.parametrize("values", [
    np.eye(2), [[torch.ones(1)], [torch.zeros(2)]],
])  # fmt: skip
def test_values_that_cannot_be_compared_answer_all_the_same(values):
    explorer = explore_database(Database(zip(["Li", "Hu"], values, strict=True)), "Li")
    heard = []
    explorer.observe(heard.append, "answer")
    explorer.query = "Hu"
    assert explorer.answer is heard[0].new and heard[0].new is explorer.database.values[1]


@pytest.mark.parametrize("dtype", [torch.float16, torch.float64])
def test_numbers_are_float32_whatever_is_the_default(dtype):
    torch.set_default_dtype(dtype)
    try:
        explorer = explore_database(Database([("Li", 1), ("Hu", 2)]), "Li")
    finally:
        torch.set_default_dtype(torch.float32)
    expected = explore_database(Database([("Li", 1), ("Hu", 2)]), "Li")
    for name in ("weights", "output"):
        assert torch.equal(getattr(explorer, name), getattr(expected, name))
    assert explorer.database.similarities("Li").dtype == torch.float32


def test_an_empty_database_is_shown_as_one():
    explorer = explore_database(Database([]), "Li")
    assert explorer.weights.shape == (0,) and "Weights: none." in repr(explorer)
    assert explorer.get_state()["_setup"]["keys"] == []
    with speaking("es"):
        assert "Pesos: ninguno." in repr(explore_database(Database([]), "Li"))


def test_bad_input_is_named():
    with pytest.raises(TypeError, match="database must be a Database, not list"):
        explore_database(RECORDS)
    with pytest.raises(TypeError, match="query must be text, not 3"):
        explore_database(Database(RECORDS), 3)
    for temperature in (0, -1, float("inf"), float("nan")):
        with pytest.raises(ValueError, match="temperature"):
            explore_database(Database(RECORDS), temperature=temperature)
    explorer = explore_database(Database(RECORDS), temperature=1e30)
    assert torch.equal(explorer.weights, Database(RECORDS).weights("", float("inf"))[0])
    with pytest.raises(ValueError, match=r"finite one: at 1e\+30 all keys have the same weight"):
        explorer.temperature = float("inf")
    with pytest.raises(ValueError, match="deleted has 'Turing'"):
        explorer.deleted = ["Turing"]
    assert explorer.deleted == ()


def test_of_a_thousand_records_the_largest_are_listed_and_the_rest_is_summed_up():
    records = [(f"name {i}", f"value {i}") for i in range(1000)]
    explorer = explore_database(Database(records), "name 777")
    bundle, _ = explorer._repr_mimebundle_()
    sentence = bundle["text/plain"]
    listed = explorer.weights.argsort(descending=True, stable=True)[:30].sort().values
    shares = [f"name {i} {number_text(explorer.weights[i].item())}" for i in listed.tolist()]
    rest = 1 - explorer.weights[listed].sum().item()
    assert f"Weights: {', '.join(shares)}, 970 more together {number_text(rest)}." in sentence
    picture = Image.open(io.BytesIO(explorer._picture().data))
    assert picture.height < 33 * 24 * 2 and len(bundle["text/html"]) < 400_000
    few = explore_database(Database(records[:30]), "name 7")
    assert "more together" not in str(few)
