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
    bars = root.locator(".track > .bar").evaluate_all(widths)
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


def test_type_a_name_delete_it_and_move_the_slider(open_notebook):
    notebook = open_notebook(SETUP, "e = explore_database(database); e", TELL)
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


WATCH = """() => {
    const row = document.querySelector(".d2l-attention").shadowRoot.querySelectorAll("tbody tr")[2];
    const [bar, number] = [".track .bar", ".track span"].map((part) => row.querySelector(part));
    const log = (window.seen = []);
    const look = () => {
        log.push([bar.getBoundingClientRect().width, number.textContent]);
        requestAnimationFrame(look);
    };
    look();
}"""


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_bars_move_where_reset_puts_them_and_their_numbers_are_there_at_once(open_notebook, motion):
    notebook = open_notebook(SETUP, "e = explore_database(database, 'Li'); e", "0")
    settled(notebook)
    page = notebook.page
    page.get_by_label("temperature").press("End")
    settled(notebook)
    page.emulate_media(reduced_motion=motion)
    page.evaluate(WATCH)
    page.get_by_role("button", name="Reset").click()
    page.wait_for_timeout(400)
    widths, numbers = zip(*page.evaluate("window.seen"), strict=True)
    page.emulate_media(reduced_motion="no-preference")
    between = {width for width in widths if width not in (widths[0], widths[-1])}
    assert bool(between) == (motion == "no-preference") and widths[-1] > widths[0]
    moved = next(at for at, number in enumerate(numbers) if number != "0.17")
    assert set(widths[:moved]) == {widths[0]} and set(numbers[moved:]) == {"0.88"}


def test_on_a_phone_nothing_is_cut_and_there_is_no_second_scroll_bar(open_notebook):
    """By keys and values that cannot be broken, beside ordinary ones."""
    records = '[("Li", "Mu"), ("Pneumonia" * 9, "v" * 80), ("Werness", "a b")]'
    notebook = open_notebook(
        SETUP + f"database = Database({records})",
        "e = explore_database(database, 'Li'); e",
        "0",
    )
    root = settled(notebook)
    for width in (358, 390, 600, 900):
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


def shares(root):
    return [
        float(text) for text in root.locator(".number").evaluate_all("n => n.map(x => x.value)")
    ]


def test_a_prediction_is_dragged_and_typed_and_the_truth_comes_beside_it(open_notebook):
    tell = """
import json
print(json.dumps({"prediction": e.prediction.nan_to_num(-1).tolist(), "shown": e.shown,
                  "off": e.prediction_distance, "weights": e.weights.tolist()}))
"""
    notebook = open_notebook(
        SETUP, "e = explore_database(database, 'Li', predict=True); e", tell, "e.shown = False"
    )
    root, page = settled(notebook), notebook.page
    assert answers(root)[1:] == [["covered", ""], ["covered", ""]]
    covered = root.evaluate("root => root.innerHTML")
    assert "0.88" not in covered and "0.87" not in covered  # Li's weight, anywhere
    assert root.locator(".track:not(.predicted)").first.is_hidden()
    hands = root.locator(".hand")
    assert hands.first.get_attribute("aria-valuetext") == "not predicted yet"

    # A drag to 0.6: the other five, even at first, share the rest.
    hands.nth(2).scroll_into_view_if_needed()
    box = hands.nth(2).bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.1 * box["width"], y)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.6 * box["width"], y, steps=5)
    page.mouse.up()
    settled(notebook)
    assert shares(root) == pytest.approx([0.08, 0.08, 0.6, 0.08, 0.08, 0.08], abs=0.011)
    root.locator(".number").nth(2).fill("0,5")
    page.keyboard.press("Enter")
    settled(notebook)
    assert shares(root) == pytest.approx([0.1, 0.1, 0.5, 0.1, 0.1, 0.1])
    hands.nth(2).press("ArrowRight")
    hands.nth(2).press("End")
    hands.nth(2).press("Shift+ArrowLeft")  # to 0.5 again; the others were 0, and share evenly
    settled(notebook)
    assert shares(root) == pytest.approx([0.1, 0.1, 0.5, 0.1, 0.1, 0.1])

    # Who is deleted gives the share to the others: 0.1 and 0.5 become 1/9 and 5/9.
    page.get_by_role("button", name="Delete Hu", exact=True).click()
    settled(notebook)
    told_now = told(notebook)
    ninth = 1 / 9
    assert told_now["prediction"] == pytest.approx([ninth, ninth, 5 * ninth, ninth, 0, ninth])
    assert told_now["shown"] is False
    page.get_by_role("button", name="Show").click()
    settled(notebook)
    told_now = told(notebook)
    check_painted(root, {"deleted": ["Hu"], "weights": told_now["weights"]})
    percent = round(100 * told_now["off"])
    said = f"query “Li”: {percent}% of the attention was in the wrong place; the largest is right"
    assert root.locator(".verdict").inner_text() == said
    hands.nth(0).press("End")  # what is shown can be predicted otherwise, and the verdict follows
    settled(notebook)
    told_now = told(notebook)
    assert shares(root)[0] == 1 and told_now["shown"]
    said = f"query “Li”: {round(100 * told_now['off'])}% of the attention was in the wrong place; "
    assert root.locator(".verdict").inner_text() == said + "the largest is Li"
    page.get_by_role("button", name="Again").click()
    settled(notebook)
    told_now = told(notebook)
    assert told_now["prediction"] == [-1] * 6 and told_now["shown"] is False
    assert answers(root)[1:] == [["covered", ""], ["covered", ""]]
    assert not any(root.locator(".bar").evaluate_all("nodes => nodes.map(n => n.offsetWidth)"))
