"""`make pictures` leaves no figure out, and its page links the pictures that are taken."""

import ast
import itertools
import sys
from types import SimpleNamespace
from urllib.parse import unquote

import anywidget
import pytest
import torch
from bs4 import BeautifulSoup
from IPython.display import HTML
from playwright.sync_api import Error as BrowserError
from tools.gallery import __main__ as command
from tools.gallery.camera import Camera
from tools.gallery.exhibits import LABELS, Exhibit, exhibits, setup
from tools.gallery.page import page

import d2l_attention
from d2l_attention.explorers.attention_explorer import STEPS
from d2l_attention.language import languages
from d2l_attention.pictures import Picture

HOSTILE = Exhibit('a "b" <i>&amp; #?%', "</pre><script>x=1</script>")
TWO = [Exhibit("one", "1"), HOSTILE]


def files(names, languages=("en", "es")):
    """Every picture there has to be."""
    parts = itertools.product(names, languages, ("light", "dark"), (390, 800, 1280))
    return sorted(f"{name}/{code}-{theme}-{width}.png" for name, code, theme, width in parts)


def run(cell, space):
    """Run a cell, and return what it shows."""
    *before, last = cell.splitlines()
    exec("\n".join(before), space)  # noqa: S102
    return eval(last, space)


@pytest.fixture(scope="module")
def space():
    space = {}
    exec(setup("en"), space)  # noqa: S102
    return space


@pytest.fixture(scope="module")
def shown(space):
    """What the cells show, by name; but for what is saved, which follows from it."""
    chosen = [exhibit for exhibit in exhibits() if not exhibit.name.endswith("-saved")]
    return {exhibit.name: run(exhibit.cell, space) for exhibit in chosen}


def called():
    """The names that the cells call."""
    calls = (node for x in exhibits() for node in ast.walk(ast.parse(x.cell)))
    return {node.func.id for node in calls if getattr(getattr(node, "func", None), "id", None)}


def test_every_cell_shows_a_figure(shown):
    for name, figure in shown.items():
        assert isinstance(figure, (anywidget.AnyWidget, Picture)), name


def test_what_is_saved_stands_beside_every_live_figure_that_no_hand_touches(shown, space):
    names = [exhibit.name for exhibit in exhibits()]
    for name in ("explore-masked", "plane-distance", "database-query", "live-heatmaps"):
        assert names[names.index(name) + 1] == f"{name}-saved"
    assert "explore-opened-saved" not in names and "heatmaps-one-saved" not in names
    [_live, saved] = exhibits("database-query")
    html = run(saved.cell, space)
    assert isinstance(html, HTML)
    assert BeautifulSoup(html.data, "html.parser").img["alt"] == repr(shown["database-query"])


def test_a_figure_has_the_same_numbers_whatever_ran_before(shown, space):
    again = run(exhibits("explore-additive")[0].cell, space)
    assert torch.equal(again.scores, shown["explore-additive"].scores)


def test_every_public_name_that_draws_or_scores_is_there(shown):
    public = {name: getattr(d2l_attention, name) for name in d2l_attention.__all__}
    drawing = {name for name in public if name.startswith(("explore", "show_"))}
    assert drawing >= {"explore", "explore_plane", "explore_database", "show_heatmaps"}
    scoring = {
        name
        for name, x in public.items()
        if isinstance(x, type) and issubclass(x, d2l_attention.Attention)
    }
    assert drawing | scoring - {"Attention"} <= called()
    live = [
        x for x in public.values() if isinstance(x, type) and issubclass(x, anywidget.AnyWidget)
    ]
    assert len(live) >= 4
    for cls in live:
        assert any(isinstance(figure, cls) for figure in shown.values()), cls


def test_states_that_look_different_are_there(shown):
    explorers = [x for x in shown.values() if isinstance(x, d2l_attention.AttentionExplorer)]
    assert {x.presentation.show for x in explorers} == set(STEPS)
    assert {x.result.error is None for x in explorers} == {True, False}
    assert {x.target_distance is None for x in explorers} == {True, False}
    assert {x.valid_lens is None for x in explorers} == {True, False}
    assert any(len(x.state.Q) > 1 for x in explorers)
    databases = [x for x in shown.values() if isinstance(x, d2l_attention.DatabaseExplorer)]
    assert {bool(x.query) for x in databases} == {True, False}
    assert {bool(x.deleted) for x in databases} == {True, False}
    assert {x.output is None for x in databases} == {True, False}


def test_every_language_has_labels_of_its_own_as_many_as_the_others():
    kinds = [
        {name: type(x) if isinstance(x, str) else len(x) for name, x in labels.items()}
        for labels in LABELS.values()
    ]
    assert set(LABELS) == set(languages()) and all(kind == kinds[0] for kind in kinds)
    assert "'Consultas'" in setup("es") and "set_language('es')" in setup("es")


def test_names_are_unique_and_a_word_chooses_among_them():
    names = [exhibit.name for exhibit in exhibits()]
    assert len({name.casefold() for name in names}) == len(names)
    chosen = [exhibit.name for exhibit in exhibits("database-d")]
    assert chosen == ["database-deleted", "database-deleted-saved"]


def test_the_page_links_every_picture_once_and_runs_nothing():
    found = BeautifulSoup(page(TWO, ["en", "es"]), "html.parser")
    links = [unquote(a["href"]) for a in found.select("figure a")]
    assert sorted(links) == files(["one", HOSTILE.name])
    assert [unquote(image["src"]) for image in found.select("img")] == links
    assert not found.select("script, i")
    assert [pre.text for pre in found.select("pre")] == ["1", HOSTILE.code]
    anchors = [unquote(a["href"].removeprefix("#")) for a in found.select("nav a")]
    assert anchors == [x["id"] for x in found.select("section")] == ["one", HOSTILE.name]


def test_on_the_page_the_languages_stand_beside_each_other():
    found = BeautifulSoup(page(TWO, ["en", "es"]), "html.parser")
    rows = [[a["href"] for a in row.select("a")] for row in found.select(".plates")]
    assert rows[1] == [f"one/{x}-800.png" for x in ("en-light", "es-light", "en-dark", "es-dark")]


class DryCamera(Camera):
    """Takes no picture, but says where it would go; an error is in one of them."""

    def __init__(self, language, theme):
        self.language, self.theme, self.faults, self.paths = language, theme, [], []
        self.shown = [(exhibit, None) for exhibit in TWO]
        self.notebook = SimpleNamespace(errors=["in the console"], close=lambda: None)

    def run(self):
        pass

    def resize(self, width, height):
        self.width = width

    def picture(self, exhibit, cell, path):
        self.paths.append(path)
        if (exhibit, self.width) == (TWO[0], 800):
            raise BrowserError("no canvas")


def test_the_pictures_taken_are_those_of_the_page_and_faults_stop_none(tmp_path):
    cameras = [DryCamera(*parts) for parts in itertools.product(("en", "es"), ("light", "dark"))]
    faults = [camera.take(tmp_path, lambda words: None) for camera in cameras]
    taken = [path.relative_to(tmp_path).as_posix() for x in cameras for path in x.paths]
    assert sorted(taken) == files(["one", HOSTILE.name])
    assert faults[1] == ["en dark: one, 800 pixels: no canvas", "en dark: in the console"]


def test_the_command_keeps_other_pictures_where_a_word_is_given_and_fails_where_a_figure_did(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(command, "TARGET", tmp_path)
    monkeypatch.setattr(command, "missing", lambda: None)
    faults = {"en": [], "es": ["a fault"]}
    monkeypatch.setattr(command, "photograph", lambda chosen, language, *_: faults[language])
    for name in ("a figure that is no more", "explore-goal"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "old.png").touch()
    monkeypatch.setattr(sys, "argv", ["gallery", "goal"])
    with pytest.raises(SystemExit, match="a fault"):
        command.main()
    assert [path.parent.name for path in tmp_path.glob("*/old.png")] == ["a figure that is no more"]
    written = (tmp_path / "index.html").read_text("utf-8")
    assert "explore-goal/" in written and "database-query" not in written
    faults["es"] = []
    monkeypatch.setattr(sys, "argv", ["gallery"])
    command.main()
    assert not list(tmp_path.glob("*/old.png"))
    assert f"Open {tmp_path / 'index.html'}" in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", ["gallery", "no such figure"])
    with pytest.raises(SystemExit, match="explore-dot-product"):
        command.main()
