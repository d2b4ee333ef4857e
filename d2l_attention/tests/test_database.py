import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from d2l_attention import Database, set_language, show_heatmaps

RECORDS = [
    ("Zhang", "Aston"),
    ("Lipton", "Zachary"),
    ("Li", "Mu"),
    ("Smola", "Alex"),
    ("Hu", "Rachel"),
    ("Werness", "Brent"),
]
WITHOUT_LI = Database(record for record in RECORDS if record != ("Li", "Mu"))


def test_the_chapter():
    assert Database(RECORDS).exact("Li") == "Mu"
    assert Database(RECORDS).nearest("Li") == ("Li", "Mu")
    assert WITHOUT_LI.nearest("Li") == ("Lipton", "Zachary")
    with pytest.raises(KeyError, match="no record has the key 'Li'; closest keys: Lipton, Smola"):
        WITHOUT_LI.exact("Li")


def test_exact_is_letter_for_letter_and_near_is_not():
    with pytest.raises(KeyError, match="'li'.*Li, Lipton"):
        Database(RECORDS).exact("li")
    assert Database(RECORDS).nearest("LI") == ("Li", "Mu")


def test_top_k():
    # Letters that match in order, twice, over the letters of both: 2·2/4, 2·2/8, 2·1/7.
    best = Database(RECORDS).top_k("Li", 3)
    assert [record[:2] for record in best] == [
        ("Li", "Mu"),
        ("Lipton", "Zachary"),
        ("Smola", "Alex"),
    ]
    assert [similarity for *_record, similarity in best] == pytest.approx([1, 4 / 8, 2 / 7])
    assert len(Database(RECORDS).top_k("Li", 99)) == 6
    assert len(Database(RECORDS).top_k("Li")) == 3


def test_weights_by_hand():
    # Similarities 1 and 1/2 at temperature 1/2: the weights are as e² to e¹.
    weights = Database([("Li", 0), ("Lipton", 1)]).weights("Li", 0.5)
    e = torch.e
    torch.testing.assert_close(weights, torch.tensor([[e / (1 + e), 1 / (1 + e)]]))


@given(st.lists(st.sampled_from([key for key, _ in RECORDS]) | st.text(max_size=5), max_size=4))
def test_weights_sum_to_one_from_the_nearest_to_the_average(queries):
    database = Database(RECORDS)
    for temperature in (1e-320, 1e-9, 0.1, 1.0, 1e9, float("inf")):
        weights = database.weights(queries, temperature)
        assert weights.shape == (len(queries), 6) and weights.dtype == torch.float32
        torch.testing.assert_close(weights.sum(dim=1), torch.ones(len(queries)))
    torch.testing.assert_close(weights, torch.full((len(queries), 6), 1 / 6))
    for query, row in zip(queries, database.weights(queries, 1e-9), strict=True):
        assert database.keys[row.argmax()] == database.nearest(query)[0]
        top = database.top_k(query, 6)
        ties = sum(similarity == top[0][2] for *_record, similarity in top)
        assert row.max().item() == pytest.approx(1 / ties)


def test_weights_go_straight_into_show_heatmaps():
    database = Database(RECORDS)
    picture = show_heatmaps(database.weights(["Li", "Hu"], 0.1), "Keys", "Queries")
    assert "2 × 6" in picture.sentence and "Each row sums to 1." in picture.sentence


def test_attend():
    database = Database([("Li", [1.0, 0.0]), ("Lipton", torch.tensor([0.0, 1.0]))])
    expected = database.weights(["Li", "Lip"], 0.3)
    torch.testing.assert_close(database.attend(["Li", "Lip"], 0.3), expected)
    assert Database([("Li", 2), ("Hu", 4)]).attend("Li", float("inf")).tolist() == [[3.0]]


def test_names_cannot_be_averaged():
    with pytest.raises(
        TypeError, match="'Aston', 'Zachary', 'Mu', … cannot be averaged: give a vector"
    ):
        Database(RECORDS).attend("Li")
    with pytest.raises(TypeError, match="cannot be averaged.*same size"):
        Database([("Li", [1.0]), ("Hu", [1.0, 2.0])]).attend("Li")


def test_of_two_records_with_one_key_the_first_answers():
    database = Database([("Li", "Mu"), ("Li", "Fei-Fei")])
    assert database.exact("Li") == "Mu" and database.nearest("Li") == ("Li", "Mu")
    assert [value for _key, value, _ in database.top_k("Li")] == ["Mu", "Fei-Fei"]
    assert database.weights("Li", 0.01).tolist() == [[0.5, 0.5]]


def test_of_records_that_are_equally_near_the_first_comes_first():
    database = Database([("b", 1), ("a", 2), ("c", 3)])
    assert [key for key, *_ in database.top_k("x")] == ["b", "a", "c"]
    assert database.nearest("x") == ("b", 1)


def test_an_empty_database():
    empty = Database([])
    assert len(empty) == 0 and empty.top_k("Li") == []
    assert empty.weights(["Li", "Hu"]).shape == (2, 0)
    with pytest.raises(KeyError, match="no record has the key 'Li'"):
        empty.exact("Li")
    with pytest.raises(KeyError, match="the database is empty"):
        empty.nearest("Li")
    with pytest.raises(ValueError, match="the database is empty"):
        empty.attend("Li")


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda d: Database([("Li",)]), ValueError, r"pair.*\('Li',\)"),
        (lambda d: Database(["Li"]), ValueError, "pair"),
        (lambda d: Database([(1, "Mu")]), TypeError, "key must be text, not 1"),
        (lambda d: d.top_k("Li", 0), ValueError, "k is 0"),
        (lambda d: d.top_k("Li", 1.5), TypeError, "k must be a whole number"),
        (lambda d: d.top_k(7, 1), TypeError, "query must be text, not 7"),
        (lambda d: d.nearest(None), TypeError, "query must be text, not None"),
        (lambda d: d.weights(["Li", 7]), TypeError, "query must be text, not 7"),
        (lambda d: d.weights("Li", 0), ValueError, "temperature is 0"),
        (lambda d: d.weights("Li", -1.0), ValueError, "temperature is -1.0"),
        (lambda d: d.weights("Li", "1"), TypeError, "temperature must be a number, not str"),
        (lambda d: d.attend("Li", float("nan")), ValueError, "temperature is nan"),
    ],
)
def test_errors(call, error, words):
    with pytest.raises(error, match=words):
        call(Database([("Li", 1.0), ("Hu", 2.0)]))


def test_the_answer_speaks_the_readers_language():
    set_language("es")
    try:
        with pytest.raises(KeyError, match="ningún registro tiene la clave 'Li'"):
            WITHOUT_LI.exact("Li")
    finally:
        set_language("en")
    with pytest.raises(KeyError, match="no record has the key 'Li'"):
        WITHOUT_LI.exact("Li")


def test_what_has_nothing_in_common_is_not_called_close():
    with pytest.raises(KeyError) as caught:
        Database([("Li", "Mu"), ("Hu", "Rachel")]).exact("xyz")
    assert "closest" not in caught.value.args[0]


def test_similarity_is_of_letters_in_order():
    # "diet" and "tide" share all letters, but at most two in the same order.
    assert Database([("tide", 0)]).top_k("diet", 1)[0][2] == 0.5
    # However often a letter occurs: all but the first of 301 match, 2·300/601.
    assert Database([("a" * 300, 0)]).top_k("b" + "a" * 300, 1)[0][2] == pytest.approx(600 / 601)


def test_text_is_compared_by_letters_and_not_by_their_encoding():
    composed, decomposed = "Pe\u00f1a", "Pen\u0303a"
    for key, query in ((composed, decomposed), (decomposed, composed)):
        database = Database([("Pena", 1), (key, 2)])
        assert database.exact(query) == 2
        assert database.nearest(query) == (key, 2)  # the key as it was given
    assert Database([("Pena", 1)]).top_k(decomposed)[0][2] == 0.75  # ñ is no n


def test_accents_of_vowels_count_only_where_records_are_equally_near():
    database = Database([("Garcia", 1), ("García", 2)])
    assert database.similarities("GARCÍA").tolist() == [[1.0, 1.0]]
    assert database.nearest("García") == ("García", 2)
    assert database.nearest("garcía") == ("Garcia", 1)  # the query is no key
    with pytest.raises(KeyError, match="closest keys: Li"):
        Database([("Li", 1)]).exact("García")


@pytest.mark.parametrize("value", [20240305, -(2**24) - 1, 1e39, float("nan"), [1.0, -1e300]])
def test_what_float32_would_change_is_refused_by_name(value):
    database = Database([("Luis", torch.zeros_like(torch.as_tensor(value))), ("Ana", value)])
    with pytest.raises(ValueError, match=r"the value .* of 'Ana' cannot be averaged in float32"):
        database.attend("Ana")


def test_what_float32_holds_is_averaged():
    answers = Database([("Ana", 2**24), ("Luis", -3), ("Eva", True), ("Ada", 0.1)])
    for key, value in zip(answers.keys, answers.values, strict=True):
        assert Database([(key, value)]).attend(key).tolist() == [[pytest.approx(float(value))]]


def test_records_are_the_databases_own():
    records = [["Li", "Mu"]]
    database = Database(records)
    records[0].append("more")
    assert database.keys == ["Li"]


def test_repr_names_the_records():
    assert repr(Database(RECORDS[:2])) == "Database('Zhang': 'Aston', 'Lipton': 'Zachary')"
