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
    root = notebook.page.locator(".d2l-attention .figure")
    root.page.wait_for_timeout(100)
    root.locator(".status", has_text="torch · cpu · computes the same numbers").wait_for()
    return root


def check_painted(root, state):
    """Each bar is as long, and each number as large, as Python's weight."""
    widths = "nodes => nodes.map(n => n.getBoundingClientRect().width)"
    (track, *_) = root.locator(".track").evaluate_all(widths)
    whole = track - 60  # for the number at the end
    assert whole > 400
    bars = root.locator(".bar").evaluate_all(widths)
    assert bars == pytest.approx([whole * weight for weight in state["weights"]], abs=1)
    for row, weight in zip(root.locator("tbody tr").all(), state["weights"], strict=True):
        said = row.locator(".weight").inner_text().strip()
        deleted = row.locator("th").inner_text() in state["deleted"]
        assert said == ("deleted" if deleted else f"{weight:.2f}")


def answers(root):
    """What is said under the titles of the three answers."""
    said = ".found, .found + small"
    return [
        [text for text in root.locator(f".answers > .{name}").locator(said).all_inner_texts()]
        for name in ("exact", "nearest", "soft")
    ]


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_type_a_name_delete_it_and_move_the_slider(open_notebook, theme):
    notebook = open_notebook(SETUP, "e = explore_database(database); e", TELL, theme=theme)
    root, page = settled(notebook), notebook.page
    assert answers(root)[1] == ["–", ""]  # no key is like no query
    page.get_by_label("query").click()
    page.keyboard.type("Li")
    settled(notebook)
    assert answers(root) == [
        ["Mu"],
        ["Mu", "Li (1.00), then Lipton (0.50), Smola (0.29)"],
        ["Mu 0.88 · Zachary 0.07 · Alex 0.02 · the rest 0.02", ""],
    ]
    marked = [row.locator("mark").all_inner_texts() for row in root.locator("tbody tr").all()]
    assert marked == [[], ["Li"], ["Li"], ["l"], [], []]
    state = told(notebook)
    assert state["query"] == "Li"
    check_painted(root, state)

    button = page.get_by_role("button", name="Delete Li", exact=True)
    button.focus()
    page.keyboard.press("Enter")
    settled(notebook)
    assert answers(root)[:2] == [
        ["no such key"],
        ["Zachary", "Lipton (0.50), then Smola (0.29), Zhang (0.00)"],
    ]
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
        # From the nearest answer alone to the average of all.
        share = f"{spread:.2f}"
        assert answers(root)[2][0].startswith(f"Mu {share} · ")
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
    assert answers(root)[2] == ["(0.00, 1.00)", "= 1.00 · (0.00, 1.00)"]
    check_painted(root, told(notebook))
    notebook.page.get_by_role("button", name="Reset").click()
    settled(notebook)
    state = told(notebook)
    written = ", ".join(f"{x:.2f}".replace("-", "−") for x in state["answer"])
    less, more = (f"{weight:.2f}" for weight in state["weights"])
    terms = f"= {more} · (2.00, −3.00) + {less} · (0.00, 1.00)"
    assert answers(settled(notebook))[2] == [f"({written})", terms]


def test_on_a_phone_nothing_is_cut_and_there_is_no_second_scroll_bar(open_notebook):
    """By keys and values that cannot be broken, beside ordinary ones."""
    records = '[("Li", "Mu"), ("Pneumonia" * 9, "v" * 80), ("Werness", "a b")]'
    notebook = open_notebook(
        SETUP + f"database = Database({records})",
        "e = explore_database(database, 'Li'); e",
        "0",
    )
    root = settled(notebook)
    for width in (366, 390, 600, 900):
        cut = root.evaluate(
            """async (root, width) => {
                root.style.width = `${width - 24}px`;
                await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 60)));
                const { right } = root.getBoundingClientRect();
                const boxes = [...root.querySelectorAll("*")];
                return boxes.filter((box) => box.getBoundingClientRect().right > right + 1 ||
                    (box.scrollWidth > box.clientWidth + 1 && box.clientWidth) ||
                    ["auto", "scroll"].includes(getComputedStyle(box).overflowY))
                    .map((box) => box.outerHTML.slice(0, 80));
            }""",
            width,
        )
        assert not cut, width
        targets = root.locator("button, input").evaluate_all(
            "nodes => nodes.map(n => n.getBoundingClientRect()).map(b => [b.width, b.height])"
        )
        assert min(min(target) for target in targets) >= 24
        if width >= 600:
            tops = root.locator(".controls > *").evaluate_all(
                "nodes => nodes.map(n => n.getBoundingClientRect().top)"
            )
            assert max(tops) - min(tops) < 8  # one line


def test_after_a_kernel_restart_it_still_answers(open_notebook):
    notebook = open_notebook(SETUP, "e = explore_database(database, 'Li'); e", TELL)
    root, page = settled(notebook), notebook.page
    notebook.restart_kernel()
    page.get_by_text("the kernel of this figure is gone").wait_for()
    page.get_by_label("query").fill("Hu")
    root.locator(".exact .found", has_text="Rachel").wait_for()
    notebook.run(0)
    notebook.run(1)
    settled(notebook)
