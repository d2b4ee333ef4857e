"""Every page opens in every browser: without an error, with its pictures, its figures alive."""

import re

import pytest

ALIVE = """() => document.readyState === "complete" && [...document.images].every((it) => it.complete)
    && [...document.querySelectorAll("[data-d2l-attention]")].every((it) => it.innerText.trim())"""
BROKEN = (
    """() => [...document.images].filter((image) => !image.naturalWidth).map(({ src }) => src)"""
)


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_page_opens(site, browser, language):
    found = {}
    names = [path.name for path in sorted((site / language).glob("*.html"))]
    assert len(names) >= 10
    for name in names:
        page = browser.open((site / language / name).as_uri(), 1100, 900)
        page.until(ALIVE)
        if faults := page.faults() + page.evaluate(BROKEN):
            found[name] = faults
        page.close()
    assert not found


def test_the_top_leads_to_the_first_page(visit):
    page = visit("index.html")
    page.until("() => /\\/(en|es)\\/start.html$/.test(location.href) && globalThis.faults")


def test_a_fault_of_any_kind_is_gathered(site, browser):
    """Or the other tests could not fail."""
    page = browser.open((site / "en" / "start.html").as_uri(), 1100, 900)
    page.evaluate("""() => {
        setTimeout(() => { throw new Error("thrown") });
        Promise.reject("alone");
        console.error("said");
        document.body.append(Object.assign(new Image(), { src: "nowhere.png" }));
    }""")
    page.until("() => faults.length >= 4")
    told = " ".join(page.faults())
    page.close()
    # WebKit does not say what was thrown in a page that is a file.
    words = ("(thrown|Script error)", "refused: alone", "console: said", "missing: .*nowhere.png")
    assert all(re.search(word, told) for word in words), told
