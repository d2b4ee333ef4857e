"""The JavaScript that ships computes what torch computes: run by Node, on random inputs."""

import math
import re
from pathlib import Path

import pytest
import torch

from d2l_attention import scales
from d2l_attention.explorers import explore, inputs
from d2l_attention.explorers.modules import linked
from d2l_attention.explorers.panels import STEPS, panels
from d2l_attention.explorers.scorings import KINDS

from .node import run_js

PACKAGE = Path(__file__).parents[1]
JS = PACKAGE / "explorers" / "js"
LENS = {
    "no mask": lambda n, m: None,
    "one length": lambda n, m: m // 2,
    "each its own": lambda n, m: torch.arange(n) % (m + 2) - 1,
    "nothing valid": lambda n, m: 0,
}


def random_case(kind, cls, lens_name, seed, blank=False, temperature=None, masked=False):
    generator = torch.Generator().manual_seed(seed)
    draw = lambda *shape: torch.randn(shape, generator=generator)
    n, m, d, v, h = (int(x) for x in torch.randint(1, 9, (5,), generator=generator))
    dk = d if kind in ("dot", "distance") else d + 1
    projected = kind in ("multiplicative", "additive")
    attention = cls(h, query_size=d, key_size=dk) if projected else cls()
    Q, K, V = 2 * draw(n, d), 2 * draw(m, dk), 3 * draw(m, v)
    lens = LENS[lens_name](n, m)
    if blank:
        # What no query may look at can hold anything.
        K[m // 2 :], V[m // 2 :] = torch.nan, torch.nan
    mask = torch.rand(n, m, generator=generator) < 0.6 if masked else None
    if masked:
        K[~mask.any(0)], V[~mask.any(0)] = torch.nan, torch.nan
    explorer = explore(attention, Q, K, V, lens, mask=mask)
    temperature = temperature or float(0.25 + draw(1).abs())
    explorer.temperature = temperature
    full = torch.full((n,), m)
    flat = {
        "Q": Q, "K": K, "V": V, "lens": full if lens is None else torch.as_tensor(lens).expand(n),
        "W_q": explorer.W_q, "W_k": explorer.W_k, "w_v": explorer.w_v,
    }  # fmt: skip
    if masked:
        flat["mask"] = mask.float()
    sizes = {"n": n, "m": m, "dq": d, "dk": dk, "v": v, "h": len(explorer.W_q)}
    plain = lambda X: [None if math.isnan(x) else x for x in X.flatten().tolist()]
    return {
        "name": f"{kind}, {lens_name}, seed {seed}{', NaN where masked' * blank}{', with a mask' * masked}",
        "input": {
            "kind": kind, "temperature": temperature, **sizes,
            **{name: plain(X) for name, X in flat.items()},
        },
        "expected": {n: plain(getattr(explorer, n)) for n in ("scores", "weights", "output")},
    }  # fmt: skip


def masked_cases():
    return [
        random_case(kind, cls, lens, seed, masked=True)
        for cls, kind in KINDS.items()
        for lens in ("no mask", "each its own")
        for seed in range(4)
    ]


def test_the_browsers_engine_agrees_with_torch(tmp_path):
    cases = [
        random_case(kind, cls, lens, seed)
        for cls, kind in KINDS.items()
        for lens in LENS
        for seed in range(8)
    ]
    cases += [random_case(kind, cls, "one length", 9, blank=True) for cls, kind in KINDS.items()]
    cases += masked_cases()
    for temperature in (inputs.LEAST, inputs.MOST):
        cases += [
            random_case(kind, cls, "each its own", 9, False, temperature)
            for cls, kind in KINDS.items()
        ]
    assert run_js("engine.test.js", cases, tmp_path) == len(cases) + 5


def test_the_receipt_of_a_weight_adds_up_to_what_torch_computes(tmp_path):
    cases = [
        random_case(kind, cls, lens, seed)
        for cls, kind in KINDS.items()
        for lens in LENS
        for seed in range(4)
    ] + masked_cases()
    assert run_js("explanation.test.js", cases, tmp_path) == len(cases) + 3


SCRIPTS = {
    "store.test.js": 32,
    "alone.test.js": 5,
    "film.test.js": 3,
    "painting.test.js": 3,
    "sums.test.js": 8,
    "leap.test.js": 7,
    "prediction.test.js": 14,
}


@pytest.mark.parametrize("script", SCRIPTS)
def test_what_is_shared_and_how_it_is_painted(script, tmp_path):
    assert run_js(script, [], tmp_path) == SCRIPTS[script]


def test_what_stands_where(tmp_path):
    described = {step: panels(step) for step in STEPS}
    assert run_js("layout.test.js", described, tmp_path) == 5


def test_the_colours_are_those_of_the_heatmaps():
    source = (JS / "painting.js").read_text()
    for name in ("SEQUENTIAL", "DIVERGING"):
        colours = re.findall(r"#\w{6}", re.search(rf"{name} = \[(.*?)\]", source)[1])
        assert colours == getattr(scales, name)


@pytest.mark.parametrize("figure", ["attention", "database", "heatmaps", "plane"])
def test_what_a_figure_ships_to_the_browser_is_small(figure):
    names = re.findall(r'\["([\w-]+\.(?:js|css))", ', linked(f"{figure}.js"))
    sizes = {name: (JS / name).stat().st_size for name in names}
    assert f"{figure}.js" in sizes and "style.css" in sizes
    assert sum(sizes.values()) <= 96 * 1024, sizes
