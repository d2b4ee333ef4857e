"""Two languages may differ by their words; any other difference is found and named."""

import json

import pytest
from nbformat.v4 import new_markdown_cell, new_notebook, new_output
from small_notebooks import figure, notebook, picture, ran, stream
from tools.parity import differences

ENGLISH = """## Scores

The score of 2 keys, see [page 7](https://d2l.ai/7), is $q^\\top k / \\sqrt{d}$ for `d = 64`.

```python
x = 1
```

![A table of six keys](keys.png)

<details><summary>Answer</summary>

$$\\alpha_1 = 0.5$$

</details>
"""
SPANISH = """## Puntuaciones

Para `d = 64`, $q^\\top k / \\sqrt{d}$ es la puntuación de 2 claves: [página 7](https://d2l.ai/7).

```python
x = 1
```

![Una tabla de seis claves](keys.png)

<details><summary>Respuesta</summary>

$$\\alpha_1 = 0.5$$

</details>
"""


def found(one, other):
    for cell in (one, other):
        cell.id = "here"
    return "\n".join(differences(new_notebook(cells=[one]), new_notebook(cells=[other])))


def test_words_and_their_order_may_differ():
    assert found(new_markdown_cell(ENGLISH), new_markdown_cell(SPANISH)) == ""


@pytest.mark.parametrize(
    "old, new, says",
    [
        ("2 claves", "3 claves", "numbers differ:\n    2\n    3"),
        ("2 claves", "dos claves", "numbers differ:\n    2\n    7"),
        ("\\sqrt{d}$", "d$", "formulas differ:\n    q^\\top k / \\sqrt{d}\n    q^\\top k / d"),
        ("0.5$$", "0,5$$", "formulas differ"),
        ("`d = 64`", "`d = 65`", "code differ:\n    d = 64\n    d = 65"),
        ("x = 1", "x = 2", "listings differ"),
        ("d2l.ai/7", "d2l.ai/8", "links differ"),
        ("keys.png", "llaves.png", "pictures differ"),
        ("## P", "### P", "headings differ:\n    2\n    3"),
        ("</summary>", "</summary><br>", "tags differ"),
    ],
)
def test_markdown(old, new, says):
    assert old in SPANISH
    message = found(new_markdown_cell(ENGLISH), new_markdown_cell(SPANISH.replace(old, new)))
    assert message.startswith('cell "here": ') and says in message


CODE = 'show(x, 0.5, title=f"Row {i:.2f} of 10")  # the 1st of 3 rows'


@pytest.mark.parametrize(
    "translated, says",
    [
        ('show(x, 0.5, title=f"Fila {i:.2f} de 10")  # la 1.ª de 3 filas', ""),
        ('show(x, 0.6, title=f"Fila {i:.2f} de 10")  # la 1.ª de 3 filas', "code differ:\n    0.5"),
        ('show(x, 0.5, title=f"Fila {i:.3f} de 10")  # la 1.ª de 3 filas', "code differ"),
        ('show(x, 0.5, title=f"Fila {j:.2f} de 10")  # la 1.ª de 3 filas', "code differ"),
        ('show(x, 0.5, title="Fila {i:.2f} de 10")  # la 1.ª de 3 filas', "code differ"),
        ('show(x, 0.5, title=f"Fila {i:.2f} de 11")  # la 1.ª de 3 filas', "numbers differ"),
        ('show(x, 0.5, title=f"Fila {i:.2f} de 10")  # la 1.ª de 4 filas', "numbers differ"),
        ('show(x, 0.5, title=f"Fila {i:.2f} de 10")', "code differ"),
    ],
)
def test_code(translated, says):
    message = found(ran(CODE), ran(translated))
    assert says in message and bool(says) == bool(message)


@pytest.mark.parametrize(
    "one, other, says",
    [
        (stream("Weights: [0.1, 0.9]\n"), stream("Los pesos son, pues: [0.1, 0.9]\n"), ""),
        (stream("Weights: [0.1, 0.9]\n"), stream("Pesos: [0.9, 0.1]\n"), "text outputs differ"),
        (stream("Weights: [0.1, 0.9]\n"), stream("Pesos: 0.1, 0.9\n"), "text outputs differ"),
        (stream("Weights: 1\n"), stream("Pesos:\n1\n"), "text outputs differ"),
        (stream("Weights: 1\n"), stream("Pesos: -1\n"), "text outputs differ"),
        (stream("Weights: 1\n"), stream("Pesos: 1\n", "stderr"), "outputs differ"),
        (picture(), picture(figure(alt="Un mapa de 3 filas y 3 columnas; 0.90."), "3 3 0.90"), ""),
        (
            picture(),
            picture(figure(alt="Un mapa de 3 filas y 4 columnas; 0.90."), "3 3 0.90"),
            "alt",
        ),
        (picture(figure() + "<img width=9>"), picture(figure() + "<img width=8>"), ""),
        (picture(figure() + "<p width=9>"), picture(figure() + "<p width=8>"), "text/html outputs"),
        (picture(), picture(figure() + "<p>", "3 3 0.90"), "text/html outputs differ"),
        (picture(), picture(text="3 3 0.91"), "text/plain outputs differ"),
    ],
)
def test_outputs(one, other, says):
    message = found(ran("x", one), ran("x", other))
    assert bool(says) == bool(message) and (says in message or says == "alt")


@pytest.mark.parametrize(
    "spanish, says",
    [
        ("24/02/1950 1950-02-24 ['24', '02', '19', '50']", ""),
        ("02/24/1950 1950-02-24 ['24', '02', '19', '50']", ""),
        ("24/03/1950 1950-02-24 ['24', '02', '19', '50']", "text outputs differ"),
        ("24/02/1950 1950-02-24 ['24', '03', '19', '50']", "text outputs differ"),
        ("24/02/1950 1950-24-02 ['24', '02', '19', '50']", "text outputs differ"),
        ("24/02/1950 1950-02-24 ['24', '02', '50', '19']", "text outputs differ"),
        ("1950/02/24 1950-02-24 ['24', '02', '19', '50']", "text outputs differ"),
    ],
)
def test_a_language_orders_day_and_month_of_a_date_in_digits(spanish, says):
    english = "02/24/1950 1950-02-24 ['02', '24', '19', '50']"
    message = found(ran("x", stream(english)), ran("x", stream(spanish)))
    assert says in message and bool(says) == bool(message)


def test_day_and_month_are_a_pair_in_a_date_only():
    one, other = stream("02/24 of 1950: 24/02\n"), stream("24/02 de 1950: 02/24\n")
    assert "text outputs differ" in found(ran("x", one), ran("x", other))


def test_what_a_trained_cell_measured_may_differ_within_its_bounds():
    one, other = stream("Read: 0.99 (≥ 0.98)\n"), stream("Leídas: 1.00 (≥ 0.98)\n")
    tags = ["trained"]
    assert found(ran("x", one, tags=tags), ran("x", other, tags=tags)) == ""
    assert "text outputs differ" in found(ran("x", one), ran("x", other))
    other.text = other.text.replace("1.00", "0.97")
    assert "text outputs differ" in found(ran("x", one, tags=tags), ran("x", other, tags=tags))


def live(labels, number=1):
    """The saved picture of a live figure with these names of its rows."""
    state = json.dumps(
        {"setup": {"queryLabels": labels, "keyLabels": []}, "numbers": {"Q": number}}
    )
    return picture(figure().replace("<figure", f"<figure data-d2l-attention='{state}'"))


def test_names_in_a_live_figure_are_words_and_its_numbers_are_not():
    one = ran("x", live(["river", "bank"]))
    assert found(one, ran("x", live(["río", "banco"]))) == ""
    assert "text/html outputs differ" in found(one, ran("x", live(["río"])))
    assert "text/html outputs differ" in found(one, ran("x", live(["río", "banco"], 2)))


def test_number_of_outputs():
    assert "(nothing)" in found(ran("x", stream("a"), picture()), ran("x", stream("b")))


def test_error():
    one, other = (
        new_output("error", ename="ValueError", evalue=text, traceback=[])
        for text in ("got (2, 3)", "llegó (2, 4)")
    )
    assert "error outputs differ" in found(ran("x", one), ran("x", other))


def test_cells():
    one, other = notebook(a="x", b="y"), notebook(a="x", c="y")
    assert list(differences(one, other)) == ["the cells differ:\n    b\n    c"]
    assert "tags differ" in found(ran("x", tags=["trained"]), ran("x"))
    assert "cell_type differ" in found(ran("x"), new_markdown_cell("x"))
