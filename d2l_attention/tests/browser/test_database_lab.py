"""The database explorer in a real JupyterLab: what is painted and said is what Python computed."""

import json

import pytest

SETUP = """
from d2l_attention import Database, explore_database
database = Database([("Zhang", "Aston"), ("Lipton", "Zachary"), ("Li", "Mu"), ("Smola", "Alex"),
                     ("Hu", "Rachel"), ("Werness", "<b>Brent</b>")])
"""
TELL = """
import json
print(json.dumps({"query": e.query, "deleted": e.deleted, "T": e.temperature,
                  "weights": e.weights.tolist(), "answer": str(e.answer)}))
"""


def told(notebook):
    return json.loads(notebook.printed(2).strip().splitlines()[-1])


def settled(notebook):
    root = notebook.page.locator(".d2l-attention")
    root.page.wait_for_timeout(100)
    root.locator(".status", has_text="torch · cpu · computes the same numbers").wait_for()
    return root


def check_painted(root, state):
    """Each bar is as long, and each number as large, as Python's weight."""
    bars = root.locator(".bar").evaluate_all("nodes => nodes.map(n => n.offsetWidth)")
    assert bars == pytest.approx([100 * weight for weight in state["weights"]], abs=1)
    for row, weight in zip(root.locator("tbody tr").all(), state["weights"], strict=True):
        said = row.locator(".weight").inner_text().strip()
        deleted = row.locator("th").inner_text() in state["deleted"]
        assert said == ("deleted" if deleted else f"{weight:.2f}")


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_type_a_name_delete_it_and_move_the_slider(open_notebook, theme):
    notebook = open_notebook(SETUP, "e = explore_database(database); e", TELL, theme=theme)
    root, page = settled(notebook), notebook.page
    assert root.get_by_text("Most similar: –").is_visible()  # no key is like no query
    page.get_by_label("query").click()
    page.keyboard.type("Li")
    settled(notebook)
    assert "Exact match: Mu" in root.inner_text()
    assert "Li → Mu (1.00) · Lipton → Zachary (0.50) · Smola → Alex (0.29)" in root.inner_text()
    state = told(notebook)
    assert state["query"] == "Li"
    check_painted(root, state)

    button = page.get_by_role("button", name="Delete Li", exact=True)
    button.focus()
    page.keyboard.press("Enter")
    settled(notebook)
    assert "Exact match: no such key" in root.inner_text()
    assert "Most similar: Lipton → Zachary (0.50) · Smola → Alex (0.29)" in root.inner_text()
    state = told(notebook)
    assert state["deleted"] == ["Li"] and state["answer"] == "Zachary"
    check_painted(root, state)
    page.get_by_role("button", name="Restore Li", exact=True).click()

    slider = page.get_by_label("temperature")
    for key, spread in (("Home", 1.0), ("End", 1 / 6)):
        slider.press(key)
        settled(notebook)
        state = told(notebook)
        assert state["deleted"] == [] and max(state["weights"]) == pytest.approx(spread, abs=0.01)
        check_painted(root, state)
    assert root.locator("td", has_text="<b>Brent</b>").count() == 1


def test_an_assignment_in_a_cell_is_shown_and_vectors_are_averaged(open_notebook):
    notebook = open_notebook(
        SETUP + 'database = Database([("a", [0.0, 1.0]), ("ab", [2.0, -3.0])])',
        "e = explore_database(database, 'ab', 0.5); e",
        TELL.replace("str(e.answer)", "e.output.tolist()"),
        "e.query = 'a'; e.deleted = ['ab']",
        "0",
    )
    root = settled(notebook)
    assert root.locator("input").first.input_value() == "a"
    assert "Soft answer (the values, averaged by weight): 0.00, 1.00" in root.inner_text()
    check_painted(root, told(notebook))
    notebook.page.get_by_role("button", name="Reset").click()
    settled(notebook)
    answer = told(notebook)["answer"]
    said = ", ".join(f"{x:.2f}".replace("-", "−") for x in answer)
    assert said in settled(notebook).locator(".answer").inner_text()


def test_after_a_kernel_restart_it_still_answers(open_notebook):
    notebook = open_notebook(SETUP, "e = explore_database(database, 'Li'); e", TELL)
    root, page = settled(notebook), notebook.page
    notebook.restart_kernel()
    page.get_by_text("the kernel of this figure is gone").wait_for()
    page.get_by_label("query").fill("Hu")
    root.get_by_text("Exact match: Rachel").wait_for()
    notebook.run(0)
    notebook.run(1)
    settled(notebook)
