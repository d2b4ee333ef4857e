"""How the JavaScript is worked on: changed under a running kernel, and named in a debugger."""

SETUP = """
import torch
from d2l_attention import DotProductAttention, explore
from d2l_attention.explorers.modules import linked
x = torch.eye(3)
e = explore(DotProductAttention(), x, x, x)
e
"""
CHANGE = """
source = linked("attention.js").replace("torch · ", "TORCH · ")
e._esm = source.replace("padding: 12px;", "padding: 12px; border-top: 7px solid;")
"""


def test_a_figure_takes_new_modules_and_a_new_style_while_its_kernel_runs(open_notebook):
    notebook = open_notebook(SETUP, CHANGE, "print(e.Q[0, 0].item() > 1)", run=False)
    page = notebook.page
    files = []
    devtools = page.context.new_cdp_session(page)
    devtools.on("Debugger.scriptParsed", lambda script: files.append(script["url"]))
    devtools.send("Debugger.enable")
    notebook.run(0)
    notebook.figure().settle()
    assert {"d2l_attention/attention.js", "d2l_attention/engine.js"} <= set(files)
    devtools.detach()

    notebook.run(1)
    root = page.locator(".d2l-attention")
    root.locator(".status", has_text="TORCH").wait_for()
    assert root.count() == 1
    border = "node => getComputedStyle(node).borderTopWidth === '7px'"
    page.wait_for_function(border, arg=root.locator(".figure").element_handle())
    figure = notebook.figure()
    figure.drag(figure.middle("Q", 0, 0, 3, 3), 100, 0)
    root.locator(".status", has_text="TORCH").wait_for()
    assert notebook.printed(2) == "True"
