"""How a live figure looks, whichever page it stands in: what the browser makes of its style."""

# What style.css, matrices.css and receipt.css say; the colours are those of one theme.
INHERITED = {"letterSpacing": "normal", "textTransform": "none", "fontVariantCaps": "normal"}
FONT = INHERITED | {
    "fontSize": "13px",
    "lineHeight": "18.2px",
    "fontWeight": "400",
    "fontStyle": "normal",
}
SMALL = FONT | {"fontSize": "11px", "lineHeight": "15.4px"}
BORDER = {"borderTopWidth": "1px", "borderTopStyle": "solid", "borderTopLeftRadius": "4px"}
SHARED = {
    ".figure": FONT | {"paddingTop": "12px", "textAlign": "start"},
    ".caption": FONT | {"fontWeight": "600", "marginBottom": "4px", "whiteSpace": "nowrap"},
    ".foot small": SMALL,
    ".status": SMALL,
    ".readout": FONT | {"marginTop": "0px"},
    "button": FONT | BORDER | {"minHeight": "26px", "paddingLeft": "8px", "marginTop": "0px"},
    "select": BORDER | {"fontSize": "13px", "minHeight": "26px"},
    "canvas": {"touchAction": "none", "maxWidth": "none", "display": "block"},
    ".arithmetic h4": FONT | {"fontWeight": "700", "marginTop": "8px"},
    ".arithmetic td": FONT | {"borderTopWidth": "1px"},
}
COLOURS = {
    "light": {"ink": "rgb(27, 31, 36)", "faint": "rgb(87, 96, 106)", "paper": "rgb(255, 255, 255)"},
    "dark": {
        "ink": "rgb(230, 233, 237)",
        "faint": "rgb(163, 172, 182)",
        "paper": "rgb(21, 24, 28)",
    },
}
# A page that styles whatever it can reach.
INTRUSIVE = """* {
    letter-spacing: 3px !important; text-transform: uppercase !important; color: red !important;
    font: small-caps 30px/2 serif !important; border: 5px solid red !important;
    text-align: right !important; max-width: 90% !important;
}"""
READ = """({ shadowRoot }, wanted) => Object.fromEntries(
    Object.entries(wanted).map(([selector, properties]) => {
        const found = getComputedStyle(shadowRoot.querySelector(selector));
        return [selector, Object.fromEntries(Object.keys(properties).map((p) => [p, found[p]]))];
    }))"""


def wanted(theme):
    """Name what each part is to look like in a theme."""
    ink, faint, paper = COLOURS[theme].values()
    looks = {selector: dict(properties) for selector, properties in SHARED.items()}
    looks[".figure"]["backgroundColor"] = paper
    for selector in (".figure", ".caption", ".readout", "button", "select"):
        looks[selector]["color"] = ink
    for selector in (".foot small", ".status"):
        looks[selector]["color"] = faint
    return looks


def check_looks(root, theme):
    """Open a weight of an attention figure, and compare all its parts with the style sheets."""
    canvas = root.locator('.panel[data-name="weights"] canvas').first
    canvas.focus()
    root.page.keyboard.press("Enter")
    root.locator(".arithmetic h4").wait_for()
    style = root.page.add_style_tag(content=INTRUSIVE)
    found = root.evaluate(READ, wanted(theme))
    style.evaluate("node => node.remove()")
    root.page.keyboard.press("Enter")
    different = {
        (part, name): (found[part][name], value)
        for part, look in wanted(theme).items()
        for name, value in look.items()
        if found[part][name] != value
    }
    assert not different, different
