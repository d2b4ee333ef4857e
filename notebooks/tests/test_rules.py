"""A notebook that would weaken its own validation is refused, with what, where and how to mend it."""

import json

import pytest
from nbformat.v4 import new_markdown_cell, new_notebook, new_output
from small_notebooks import SENTENCE, figure, notebook, picture, ran, stream
from tools.rules import refusals

ALT = f'alt="{SENTENCE}"'


def found(*cells):
    for at, cell in enumerate(cells):
        if [other.id for other in cells].count(cell.id) > 1:
            cell.id = f"{cell.id}-{at}"
    return "\n".join(refusals(new_notebook(cells=list(cells))))


def data(kind, value):
    return new_output("display_data", {kind: value})


def test_a_sound_notebook_is_not_refused():
    sound = notebook(words="# Title\n\n![A table of six keys and values](table.png)")
    error = new_output("error", ename="KeyError", evalue="'Zhang'", traceback=[])
    sound.cells += [
        ran("show()", picture(), stream("done"), count=1),
        ran("{}['Zhang']", error, count=2, tags=["raises-exception"]),
        ran("train()", picture(), stream("The loss fell."), count=3, tags=["trained"]),
        ran("# nothing to say here\nx = 1", data("text/html", "<b>data: 1</b>"), count=4),
    ]
    assert list(refusals(sound)) == []


@pytest.mark.parametrize(
    "cell, says",
    [
        (ran("x", count=None), "never run"),
        (ran("x", count=2), "its number is 2 and should be 1"),
        (ran("", count=None), "it is empty"),
        (ran("# NBVAL_IGNORE_OUTPUT\nx"), "NBVAL_IGNORE_OUTPUT would change"),
        (ran("#NBVAL_SKIP\nx"), "NBVAL_SKIP would"),
        (ran("    # NBVAL_CHECK_OUTPUT\nx"), "NBVAL_CHECK_OUTPUT would"),
        (ran("#PYTEST_VALIDATE_IGNORE_OUTPUT\nx"), "PYTEST_VALIDATE_IGNORE_OUTPUT would"),
        (ran("# NBVAL_RAISES_EXCEPTION\nx"), "use the tag raises-exception"),
        (ran("x", tags=["nbval-ignore-output"]), "nbval-ignore-output would"),
        (ran("x", tags=["nbval-skip"]), "nbval-skip would"),
        (ran("x", tags=["pytest-validate-ignore-output"]), "pytest-validate-ignore-output would"),
        (ran("x", tags=["raises-exception"]), "raised nothing"),
        (ran("x", picture(text=" "), tags=["trained"]), "has no text to compare"),
        (ran("x", tags=["trained"]), "has no text to compare"),
        (ran("x", stream("read: 0.99 (≥ 0.98)")), "was measured, a time or a number with bounds"),
        (ran("x", picture(figure(alt=f"{SENTENCE} ~6 ms"), f"{SENTENCE} ~6 ms")), "was measured"),
        (ran("x", stream("read: 0.97 (≥ 0.98)"), tags=["trained"]), "0.97 (≥ 0.98) is not true"),
        (ran("x", stream("a warning", "stderr")), "writes to stderr"),
        (ran("x", data("image/png", "iVBO")), "a bare image/png has no alt text"),
        (ran("x", data("image/svg+xml", "<svg/>")), "a bare image/svg+xml"),
        (ran("x", data("application/vnd.jupyter.widget-view+json", {})), "a widget view"),
        (ran("x", data("application/javascript", "1")), "application/javascript cannot"),
        (ran("x", data("text/html", "<b>a</b><script>1</script>")), "has a <script>"),
        (ran("x", data("text/html", "<p><svg></svg></p>")), "has a <svg>"),
        (ran("x", picture(f'<img src="a.png" {ALT}>')), "not a PNG data URI"),
        (ran("x", picture(f'<img src="data:image/gif;base64,AA" {ALT}>')), "not a PNG data URI"),
        (
            ran("x", picture(figure() + '<b style="background: url(data:image/png;base64,AA)">')),
            "not a PNG data URI",
        ),
        (ran("x", picture(figure().replace(ALT, ""))), "alt text is ''"),
        (ran("x", picture(figure(alt="a heatmap"), "a heatmap")), "alt text is 'a heatmap'"),
        (ran("x", picture(text="A heatmap of something else altogether.")), "is not its picture's"),
        (ran("x", data("text/html", figure())), "is not its picture's"),
        (ran("x", data("text/markdown", "![](a.png)")), "alt text is ''"),
        (new_markdown_cell("![](a.png)"), "alt text is ''"),
        (new_markdown_cell("See\n![short](attachment:a.png)"), "alt text is 'short'"),
        (new_markdown_cell('<img src="a.png">'), "alt text is ''"),
        (new_markdown_cell('Here <img src="a.png" alt="b"> inline'), "alt text is 'b'"),
    ],
)
def test_refused(cell, says):
    cell.id = "here"
    message = found(cell)
    assert 'Cell "here": ' in message and says in message


ASKS = new_markdown_cell("**Predict.** Which key wins?", id="asks")


def covered(**state):
    """The output of a live figure; its weights are covered, unless `state` says otherwise."""
    state = {"setup": {"predict": "weights"}, "now": {"shown": False}} | state
    shown = figure().replace("<figure", f"<figure data-d2l-attention='{json.dumps(state)}'")
    return picture(shown)


@pytest.mark.parametrize(
    "cells",
    [
        [ASKS, ran("print(1)", stream("1"), tags=["hide-output"])],
        [ASKS, ran("explore()", covered())],
        [ASKS, new_markdown_cell("Think."), ran("x = 1"), ran("explore()", covered(), count=2)],
        [ran("print(1)", stream("1")), ASKS, ran("print(1)", covered(), count=2)],
    ],
)
def test_a_prediction_whose_answer_is_folded_or_covered_is_not_refused(cells):
    assert found(*cells) == ""


@pytest.mark.parametrize(
    "cells",
    [
        [ASKS, ran("print(1)", stream("1"))],
        [ASKS, ran("explore()", picture())],
        [ASKS, ran("explore()", covered(setup={}))],
        [ASKS, ran("explore()", covered(now={"shown": True}))],
        [ASKS, ran("print(1)", stream("1")), ran("1", stream("1"), count=2, tags=["hide-output"])],
    ],
)
def test_a_prediction_that_the_page_answers_is_refused(cells):
    message = found(*cells)
    assert 'answers the prediction of cell "asks": tag it hide-output' in message


def test_a_prediction_that_nothing_answers_is_refused():
    assert 'Cell "asks": no output answers' in found(ran("1", stream("1")), ASKS, ran("x", count=2))


def test_nbval_metadata_is_refused():
    cell = ran("x")
    cell.metadata["nbval-ignore-output"] = True
    assert "would change how it is checked" in found(cell)


def test_widget_state_is_refused():
    made = new_notebook(metadata={"widgets": {}})
    assert "widget state" in "".join(refusals(made))
