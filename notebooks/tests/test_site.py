"""The site: whole, at home without a network, alive without a kernel, and open to every reader."""

import functools
import html
import html.parser
import http.server
import json
import re
import threading
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import nbformat
import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from browsers import formulas
from browsers.figures import SETTLED
from bs4 import BeautifulSoup
from nbformat import v4
from tools.files import SOURCE, Book
from tools.site.build import MATHJAX, build

from d2l_attention import Database, DotProductAttention, explore, explore_database, explore_plane
from d2l_attention.explorers.saved import inputs
from d2l_attention.tests.browser.conftest import browser  # noqa: F401
from d2l_attention.tests.browser.looks import check_looks

pytestmark = pytest.mark.slow

BOOK = Book(Path(__file__).parents[2])
HOSTILE = ["<script>x=1</script>", "' onload='x=1", '"><img src=x onerror=x=1>', "&lt;b&gt;",
           "javascript:x=1", "\u202eabc", "</figure>"]  # fmt: skip


def hostile_figures():
    x = torch.eye(len(HOSTILE))
    return [
        explore(DotProductAttention(), x, x, x, query_labels=HOSTILE, key_labels=HOSTILE),
        explore_database(Database([(text, text) for text in HOSTILE]), query=HOSTILE[0]),
    ]


def plane():
    return explore_plane(DotProductAttention(), torch.eye(2), torch.eye(2))


UNCOVERED = "#figure=1&shown=true"  # a page whose first figure asks for a prediction
PREDICTED = 3  # the first of these, among the figures of the hostile page


def predicted_figures():
    """One of each kind that asks for a prediction."""
    x = torch.tensor([[2.0, 0.0], [0.0, 1.0]])
    return [
        explore(DotProductAttention(), x, x, x, predict="weights"),
        explore_plane(DotProductAttention(), x, x, predict="output"),
        explore_database(Database([("Li", "Mu"), ("Hu", "Rachel")]), "Li", predict=True),
    ]


@dataclass(frozen=True)
class BookWithHostilePage(Book):
    """The book, and one notebook more whose words would break a page that took them for HTML."""

    hostile: Path

    def notebooks(self, language=SOURCE):
        return [*super().notebooks(language), self.hostile]


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    figures = [*hostile_figures(), plane(), *predicted_figures()]
    shown = [{key: bundle[key] for key in ("text/html", "text/plain")}
             for bundle in (figure._repr_mimebundle_()[0] for figure in figures)]  # fmt: skip
    outputs = [
        v4.new_output("stream", text="\n".join(HOSTILE)),
        *[v4.new_output("display_data", data=data) for data in shown],
    ]
    title = v4.new_markdown_cell("# A title", id="title")
    code = v4.new_code_cell("0", outputs=outputs, execution_count=1, id="figures")
    metadata = {"language_info": {"name": "python", "pygments_lexer": "ipython3"}}
    notebook = v4.new_notebook(cells=[title, code], metadata=metadata)
    nbformat.write(notebook, folder / "9-hostile.ipynb")
    build(BookWithHostilePage(BOOK.root, folder / "9-hostile.ipynb"), folder / "book")
    return folder / "book"


@pytest.fixture(scope="session")
def server(site):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    handler = functools.partial(Quiet, directory=site)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


class Window:
    """A page of the browser where nothing but the site can be reached, and what went wrong in it."""

    def __init__(self, page):
        self.page, self.base, self.faults = page, "", []
        self.has_formulas = False
        page.route("**/*", self.route)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda line: line.type == "error" and self.faults.append(line.text))

    def route(self, route):
        url = route.request.url
        if url.endswith(MATHJAX) and not self.has_formulas:
            return route.fulfill(content_type="text/javascript", body="")
        if url.startswith((self.base, "blob:", "data:")):
            return route.continue_()
        self.faults.append(url)
        route.abort()

    def go(self, base, place):
        self.base = base
        # From elsewhere, or another fragment of the same page would load nothing.
        self.page.goto("about:blank")
        self.page.goto(f"{base}/{place}")
        return self.page


@pytest.fixture(scope="session")
def windows(browser):  # noqa: F811
    """Windows that one test after another uses: in a new one, a page takes twice as long."""
    return [Window(browser.new_page()) for _ in range(2)]


@pytest.fixture
def visit(site, server, windows):
    """Open a page in the first window, or in the next; at the end, no error may be shown."""
    free = iter(windows)

    def visit(path, fragment="", served=False, scheme="light", has_formulas=False):
        window = next(free)
        window.has_formulas = has_formulas  # They take a third of the time that a page takes.
        window.page.set_viewport_size({"width": 1280, "height": 720})
        window.page.emulate_media(color_scheme=scheme)
        return window.go(server if served else site.as_uri(), path + fragment)

    yield visit
    faults = [fault for window in windows for fault in window.faults]
    for window in windows:
        window.faults.clear()
    assert not faults


@functools.cache
def parsed(page):
    return BeautifulSoup(page.read_text("utf-8"), "html.parser")


def with_figure(site, kind, language="en"):
    """A page whose first live figure is of a kind, and shows its weights."""
    for page in sorted((site / language).glob("*.html")):
        figure = parsed(page).find("figure", attrs={"data-d2l-attention": True})
        saved = json.loads(figure["data-d2l-attention"]) if figure else {}
        if saved.get("kind") == kind and saved["setup"].get("predict") != "weights":
            return f"{language}/{page.name}", saved
    raise AssertionError(f"no page begins with a {kind}")


class Links(html.parser.HTMLParser):
    """The ids of a page, what its elements lead to, and its languages: its own, and the others'."""

    def __init__(self, page):
        super().__init__()
        self.ids, self.links, self.languages = set(), [], {}
        self.feed(page.read_text("utf-8"))

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if tag == "html":
            self.language = found["lang"]
        if tag == "a" and "lang" in found:
            self.languages[found["lang"]] = found["href"]
        if "id" in found:
            self.ids.add(found["id"])
        if tag in ("a", "link", "script", "img"):
            target = found.get("href") or found.get("src") or ""
            self.links.append((tag, found.get("rel"), target))


def test_every_link_and_anchor_resolves(site):
    pages = {page.resolve(): Links(page) for page in site.rglob("*.html")}
    broken = []
    for page, found in pages.items():
        for tag, rel, target in found.links:
            url = urlsplit(target)
            if url.scheme or url.netloc or not target:
                if tag != "a" and url.scheme != "data" and rel != "canonical":
                    broken.append((page.name, target)) if target else None
                continue
            file = (page.parent / unquote(url.path)).resolve() if url.path else page
            anchor = unquote(url.fragment)
            if not file.exists() or (anchor and file in pages and anchor not in pages[file].ids):
                broken.append((page.name, target))
    assert not broken
    assert len(pages) > 2 * len(BOOK.notebooks())


def test_every_page_leads_to_itself_in_the_other_languages(site):
    for language, other in (("en", "es"), ("es", "en")):
        for page in (site / language).glob("*.html"):
            found = Links(page)
            assert found.language == language
            assert (page.parent / found.languages[other]).resolve() == (
                site / other / page.name
            ).resolve()


def changes(page, before=""):
    """What the address says was changed, once it has followed: {"Q.0": "0.5", …}."""
    hash = page.wait_for_function(SETTLED, arg=before).json_value()
    return dict(parse_qsl(hash.removeprefix("#")))


def torch_says(saved, changed):
    """The largest weight of each query: (key, share)."""
    said = formulas.now(saved, changed)
    X = formulas.inputs(saved, changed)
    weights = formulas.attend(saved, X, said["scoring"], said["temperature"])["weights"]
    return [(int(row.argmax()), f"{row.max():.2f}") for row in weights]


def drag(page, node, dx, dy):
    node.scroll_into_view_if_needed()
    box = node.bounding_box()
    x, y = box["x"] + min(10, box["width"] / 2), box["y"] + min(10, box["height"] / 2)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx, y + dy, steps=5)
    page.mouse.up()


def said(page):
    return page.locator(".d2l-sentence").first.inner_text()


@pytest.mark.parametrize("language, served", [("en", False), ("es", True)])
def test_a_dragged_query_gives_what_torch_gives(site, visit, language, served):
    path, saved = with_figure(site, "PlaneExplorer", language)
    page = visit(path, served=served)
    page.locator(".point.Q").first.wait_for()
    before = said(page)
    drag(page, page.locator(".point.Q").first, -120, -60)
    (key, share), *_ = torch_says(saved, changes(page))
    assert said(page) != before and f" {key} ({share})" in said(page)
    assert f"k{key} {share}" in page.locator(".readout").inner_text()


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_dragged_number_gives_what_torch_gives_and_the_address_keeps_it(site, visit, language):
    name = "4-dot-product-scores.html"
    figure = parsed(site / language / name).find("figure", attrs={"data-d2l-attention": True})
    saved = json.loads(figure["data-d2l-attention"])
    page = visit(f"{language}/{name}", UNCOVERED)
    canvas = page.locator('.panel[data-name="Q"] canvas').first
    canvas.wait_for()
    before = said(page)
    drag(page, canvas, -90, 0)
    changed = changes(page, UNCOVERED)
    expected = torch_says(saved, changed)
    shares = re.findall(r" (\d+) \((\d\.\d\d)\)", said(page))
    assert said(page) != before and shares == [(str(key), share) for key, share in expected]
    again = visit(f"{language}/{name}", "#" + urlsplit(page.url).fragment)
    again.locator('.panel[data-name="Q"] canvas').first.wait_for()
    assert said(again) == said(page)
    link = page.locator(".book-languages a").last.get_attribute("href")
    assert "figure=1" in link


LOOK_AT_SENTENCE = """(node) => new Promise((done) => requestAnimationFrame(() => setTimeout(() =>
    done([getComputedStyle(node).visibility, node.textContent]))))"""


def test_a_sentence_that_the_numbers_contradict_is_not_seen(visit):
    page = visit("en/4-dot-product-scores.html", UNCOVERED)
    canvas = page.locator('.panel[data-name="Q"] canvas').first
    canvas.wait_for()
    sentence = page.locator(".d2l-sentence").first
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    visibility, before = sentence.evaluate(LOOK_AT_SENTENCE)
    assert visibility == "visible"  # pointed at, the numbers are what they were
    page.mouse.down()
    page.mouse.move(box["x"] - 80, box["y"] + 10, steps=5)
    visibility, text = sentence.evaluate(LOOK_AT_SENTENCE)
    assert visibility == "hidden" or text != before
    page.mouse.up()
    changes(page, UNCOVERED)
    visibility, text = sentence.evaluate(LOOK_AT_SENTENCE)
    assert visibility == "visible" and text != before


def test_a_typed_query_gives_what_python_gives(site, visit):
    path, saved = with_figure(site, "DatabaseExplorer")
    page = visit(path)
    page.locator(".d2l-attention input").first.fill("Lip")
    assert changes(page)["query"] == "Lip"
    records = list(zip(saved["setup"]["keys"], saved["setup"]["values"], strict=True))
    weights = Database(records).weights("Lip", saved["now"]["temperature"])[0]
    for (key, _value), weight in zip(records, weights, strict=True):
        assert f"{key} {weight:.2f}" in said(page)


def test_the_plane_grows_with_its_points(site, visit):
    path, _saved = with_figure(site, "PlaneExplorer")
    page = visit(path)
    page.locator(".point.Q").first.focus()
    page.locator(".side input").fill("8; -9")
    page.keyboard.press("Enter")
    # 1.2 · 9 = 10.8, rounded up to one digit.
    page.locator(".plane .across", has_text="20").first.wait_for()
    for axis in (".across", ".up"):
        assert page.locator(f".plane {axis}").all_inner_texts() == ["−20", "−10", "0", "10", "20"]
    assert "(8.00; −9.00)" in page.locator(".readout").inner_text()


# The same draws in each run: a number that happens to be drawn as it was is no change.
REPEATABLE = """() => {
    let state = 1;
    Math.random = () => (state = (state * 16807) % 2147483647) / 2147483647;
}"""


@pytest.mark.parametrize("kind", ["AttentionExplorer", "PlaneExplorer"])
def test_shuffle_draws_other_numbers_and_reset_the_first_again(site, visit, kind):
    path, saved = with_figure(site, kind)
    page = visit(path)
    figure = page.locator(".d2l-attention").first
    figure.get_by_role("button").first.wait_for()
    before = said(page)
    page.evaluate(REPEATABLE)
    figure.get_by_role("button", name="Shuffle").first.click()
    shuffled = changes(page)
    Q, K = ([x for name, x in shuffled.items() if name.startswith(f"{of}.")] for of in "QK")
    assert len(Q) > 0.7 * len(saved["numbers"]["Q"])
    assert Q[:4] != K[:4]
    assert all(re.fullmatch(r"-?\d(\.\d\d?)?", x) for x in Q + K)
    if saved["setup"].get("tied"):
        assert K == [x for name, x in shuffled.items() if name.startswith("V.")]
    assert said(page) != before
    figure.get_by_role("button", name="Reset").first.click()
    page.wait_for_url(lambda url: "Q.0" not in url)
    assert said(page) == before


def test_the_keyboard_alone_reaches_a_number_changes_it_and_goes_on(site, visit):
    page = visit("en/4-dot-product-scores.html", UNCOVERED)
    page.locator('.panel[data-name="Q"] canvas').first.wait_for()
    active = "(document.activeElement.shadowRoot ?? document).activeElement"
    focused = f"{active}.closest('.panel')?.dataset.name"
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate(focused) == "Q":
            break
    outline = page.evaluate(f"getComputedStyle({active}).outlineWidth")
    assert page.evaluate(focused) == "Q" and outline == "2px"
    before, place = said(page), page.evaluate("scrollY")
    for key in ("ArrowUp", "ArrowRight", "3", "Enter"):
        page.keyboard.press(key)
    told = changes(page, UNCOVERED)
    assert told["Q.1"] == "3" and "Q.0" in told and said(page) != before
    assert page.evaluate("scrollY") == place
    page.keyboard.press("Tab")
    assert page.evaluate(focused) == "K"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_around_a_figure_changes_nothing_of_its_look(visit, theme):
    page = visit("en/4-dot-product-scores.html", UNCOVERED)
    root = page.locator(".d2l-attention").first
    root.locator("canvas").first.wait_for()
    page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
    root.locator(f'.figure[data-theme="{theme}"]').wait_for()
    check_looks(root, theme)


@pytest.mark.parametrize(
    "path", ["en/api.html", "es/recipes.html", "es/4-dot-product-scores.html", "en/start.html"]
)
def test_no_page_is_wider_than_a_phone_and_no_name_is_missing(visit, path):
    page = visit(path)
    page.set_viewport_size({"width": 390, "height": 800})
    page.wait_for_timeout(200)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert "not set" not in page.locator("body").inner_text()


@pytest.mark.parametrize("served", [False, True])
@pytest.mark.parametrize(
    ("language", "asked", "title", "placeholder", "said", "unsaid"),
    [
        ("en", "queries", "1. Queries, keys", "Search the book", "found", "Dark"),
        ("es", "consultas", "1. Consultas, claves", "Buscar en el libro", "encontraron", "Oscuro"),
    ],
)
def test_search_finds_a_page(visit, language, asked, title, placeholder, said, unsaid, served):
    page = visit(f"{language}/search.html", f"?q={asked}", served)
    found = page.locator("#search-results li", has_text=title).first
    found.locator("a").first.wait_for()
    assert page.get_by_placeholder(placeholder).locator("visible=true").count()
    page.locator("#search-results", has_text=said).wait_for()
    if served:
        found.locator("p.context").wait_for()
        assert unsaid not in found.inner_text()  # the theme's own button is no part of the page


def test_the_reference_names_what_a_reader_calls_and_speaks_their_language(site):
    words = {"en": "Raises", "es": "Lanza"}
    for language, word in words.items():
        text = parsed(site / language / "api.html")
        fields = {field.get_text().rstrip(":") for field in text.select(".field-list > dt")}
        assert word in fields and not fields & {"Muestra", ""}
        assert not text.find(id="d2l_attention.AttentionExplorer.get_state")
        assert text.find(id="d2l_attention.AttentionExplorer.reset").find_parent(lang="en")


def test_each_language_has_its_recipes(site):
    for language, title in {
        "en": "Attention over a graph",
        "es": "Atención sobre un grafo",
    }.items():
        text = parsed(site / language / "recipes.html")
        titles = [heading.get_text().rstrip("#") for heading in text.select("section > h2")]
        assert title in titles and len(text.select(".highlight-pycon")) == len(titles)
        assert parsed(site / language / "start.html").select('a[href="recipes.html"]')


def test_no_line_begins_with_the_point_after_a_formula(site):
    for page in (site / "en").glob("[1-9]*.html"):
        for formula in parsed(page).select("span.math"):
            after = formula.next_sibling
            assert formula.parent.get("class") == ["nowrap"] or not (
                isinstance(after, str) and after.startswith((".", ",", ";", ":", ")"))
            ), formula


def test_weights_that_are_alike_are_not_said_to_have_a_largest(visit):
    size = len(HOSTILE)
    same = "&".join(f"Q.{j}=0" for j in range(size))  # Query 0 is 0, and 1 is halfway to key 2.
    page = visit("en/9-hostile.html", f"#figure=1&{same}&Q.{size + 2}=1")
    page.locator(".d2l-attention").first.wait_for()
    page.wait_for_timeout(500)
    sentence = page.locator(".d2l-sentence").first.text_content()
    assert f"{HOSTILE[0]} attends to all keys alike ({1 / size:.2f})." in sentence
    assert f"{HOSTILE[1]} attends most to key {HOSTILE[1]}/{HOSTILE[2]} (" in sentence
    assert f"{HOSTILE[3]} attends most to key {HOSTILE[3]} (" in sentence


def test_an_address_may_hold_anything(site, visit):
    path, _saved = with_figure(site, "PlaneExplorer")
    page = visit(
        path,
        "#figure=1&Q.0=x&Q.99=1&__proto__.x=1&scoring=toString&temperature=-1&batch=7&figure=9&Q.0=1",
    )
    page.locator(".point.Q").first.wait_for()
    clean = visit(path)
    clean.locator(".point.Q").first.wait_for()
    assert said(page) == said(clean)


def test_without_javascript_the_picture_and_its_description_stand(site, browser):  # noqa: F811
    path, _saved = with_figure(site, "PlaneExplorer")
    page = browser.new_page(java_script_enabled=False)
    page.goto(f"{site.as_uri()}/{path}")
    picture = page.locator("figure[data-d2l-attention] img").first
    assert picture.is_visible() and len(picture.get_attribute("alt")) > 20
    page.close()


def grave_faults(page, part, scheme):
    """Say what axe finds that is serious, or worse, in a part of a page."""
    # The dark page has other colours, and nothing else that is other.
    rules = {} if scheme == "light" else {"runOnly": ["color-contrast"]}
    found = Axe().run(page, part, {"preload": False, **rules}).response["violations"]
    return [
        (fault["id"], node["html"][:120], node["failureSummary"][:200])
        for fault in found if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"][:2]
    ]  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_fault_of_accessibility_on_a_page(site, visit, scheme):
    """What is around the figures is alike on all pages."""
    path, _saved = with_figure(site, "AttentionExplorer")
    page = visit(path, scheme=scheme, has_formulas=True)
    page.locator(".d2l-attention").first.wait_for()
    page.wait_for_timeout(500)
    assert not grave_faults(page, ".bd-article", scheme)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_fault_of_accessibility_in_any_state_of_a_figure(visit, scheme):
    """Of all kinds at once: axe looks at the whole page each time, whatever the part."""
    page = visit("en/9-hostile.html", scheme=scheme)
    live = page.locator(".d2l-attention")
    figures = [live.nth(PREDICTED + at) for at in range(3)]
    mine = ('.panel[data-name="prediction"] > .box > canvas', ".point.P", ".hand")
    for figure, part in zip(figures, mine, strict=True):
        figure.get_by_role("button", name="Show").wait_for()
        figure.locator(part).first.press("ArrowUp")
    page.wait_for_timeout(300)
    assert not grave_faults(page, ".d2l-attention", scheme)  # covered, and the others at rest
    for figure in figures:
        figure.get_by_role("button", name="Show").click()
    for panel, key in (("Q", "ArrowUp"), ("weights", "Enter")):
        figures[0].locator(f'.panel[data-name="{panel}"] > .box > canvas').first.focus()
        page.keyboard.press(key)
    figures[0].locator(".arithmetic td").first.wait_for()
    page.wait_for_timeout(300)
    assert not grave_faults(page, ".d2l-attention", scheme)  # shown; changed, and opened


def test_a_prediction_is_made_without_a_kernel_and_goes_into_the_link(visit):
    page = visit("en/9-hostile.html")
    figure = page.locator(".d2l-attention").nth(PREDICTED)
    sentence = page.locator(".d2l-sentence").nth(PREDICTED)
    canvas = figure.locator('.panel[data-name="prediction"] > .box > canvas').first
    canvas.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.type("0.25000003")  # a float32, which nobody wants to read
    page.keyboard.press("Enter")
    told = changes(page)
    assert told["prediction.1"] == "0.25"
    assert float(told["prediction.0"]) == pytest.approx(0.75, abs=1e-6)
    # exp(4 / sqrt 2) and 1 share the first row: 0.944 and 0.056.
    assert "0.94" not in figure.inner_text() + sentence.inner_text()
    figure.get_by_role("button", name="Show").click()
    page.wait_for_url(lambda url: "shown=true" in url)
    verdict = "query 0: 19% of the attention was in the wrong place; the largest is right"
    assert figure.locator(".verdict").inner_text() == verdict
    page.wait_for_function("(it) => it.innerText.includes('0.94')", arg=sentence.element_handle())
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    again = page.locator(".d2l-attention").nth(PREDICTED)
    again.locator(".verdict", has_text="19%").wait_for()


def test_rows_of_a_prediction_that_no_hand_could_make_are_left_out(visit):
    """An address may hold anything: rows of shares sum to 1, and none is negative or half empty."""
    rows = ([0.5, 0.5], [0.5, 0.6]), ([-0.5, 1.5], [0.25, 0.75]), ([0.5, ""], [1, 0])
    page = visit("en/9-hostile.html")
    place = page.url
    for pair in rows:
        told = "&".join(f"prediction.{at}={x}" for at, x in enumerate([*pair[0], *pair[1]]))
        page.goto("about:blank")
        page.goto(f"{place}#figure={PREDICTED + 1}&{told}&shown=true")
        said = page.locator(".d2l-attention").nth(PREDICTED).locator(".verdict")
        said.filter(has_text="wrong place").wait_for()
        kept = [
            at for at, row in enumerate(pair) if "" not in row and sum(row) == 1 and min(row) >= 0
        ]
        assert re.findall(r"query (\d)", said.inner_text()) == [str(at) for at in kept]


def test_hostile_labels_stay_text():
    for figure in hostile_figures():
        written = figure._repr_mimebundle_()[0]["text/html"]
        (element,) = BeautifulSoup(written, "html.parser").contents
        assert set(element.attrs) == {"style", "data-d2l-attention"}
        assert [node.name for node in element.find_all(True)] == ["img"]
        assert json.loads(element["data-d2l-attention"]) == json.loads(inputs(figure))
        assert HOSTILE[2] in html.unescape(written)


def test_a_page_of_hostile_figures_runs_nothing(visit):
    page = visit("en/9-hostile.html")
    page.locator(".d2l-attention").nth(1).wait_for()
    assert page.locator(".rows").first.locator("span").all_inner_texts() == HOSTILE
    assert page.locator(".records").first.locator("th").all_inner_texts()[4:] == HOSTILE
    assert page.locator("pre", has_text=HOSTILE[0]).first.is_visible()
    assert page.evaluate("window.x") is None


def test_inputs_that_no_page_can_compute_are_not_saved():
    class Own(DotProductAttention):
        def score(self, queries, keys):
            return super().score(queries, keys) + 1

    x = torch.ones(2, 2)
    assert inputs(explore(Own(), x, x, x)) is None
    large = torch.ones(65, 2)
    assert inputs(explore(DotProductAttention(), x, large, large)) is None
    keys = torch.tensor([[1.0, 0.0], [float("nan"), float("-inf")]])
    saved = json.loads(inputs(explore(DotProductAttention(), x / 3, keys, x, 1)))
    assert saved["numbers"]["K"] == [1, 0, None, "-Infinity"]
    assert saved["numbers"]["Q"] == [0.333333] * 4
    assert json.loads(inputs(explore_plane(DotProductAttention(), x, x)))["numbers"]["reach"] == [2]
