"""The page in a real browser, which alone knows what it loads, shows and plays."""

import shutil
from statistics import fmean

import pytest

sync_api = pytest.importorskip("playwright.sync_api")

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser():
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip(f"no browser: none of {', '.join(NAMES)} is installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def opened(browser, hostile_page):
    """Open the page, and keep what it complained of and asked for."""
    contexts = []

    def open_page(width=1280, scheme="light"):
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.complaints, page.requests, page.dialogs = [], [], []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("request", lambda request: page.requests.append(request.url))
        page.on("dialog", lambda dialog: (page.dialogs.append(dialog.message), dialog.dismiss()))
        page.goto(hostile_page.as_uri(), wait_until="load")
        return page

    yield open_page
    for context in contexts:
        context.close()


def test_it_complains_of_nothing_and_asks_for_nothing(opened, hostile_page):
    page = opened()
    assert page.complaints == []
    outside = [url for url in page.requests if not url.startswith("data:")]
    assert outside == [hostile_page.as_uri()]


def test_its_plots_are_visible(opened):
    page = opened()
    boxes = page.evaluate(
        "[...document.querySelectorAll('svg')].map(svg => svg.getBoundingClientRect())"
        ".map(box => Math.min(box.width, box.height))"
    )
    assert len(boxes) > 8
    assert min(boxes) > 100
    images = page.locator("svg image")
    assert images.count() >= 4
    boxes = [images.nth(i).bounding_box() for i in range(images.count())]
    # A colour bar is high, and no more than a line in width.
    assert all(max(box["width"], box["height"]) > 50 for box in boxes)


def test_its_diagram_is_visible_and_keeps_its_style_to_itself(opened):
    page = opened()
    diagram = page.locator(".diagram .sk-top-container")
    assert "AudioFeatureUnion" in diagram.inner_text()
    assert diagram.bounding_box()["height"] > 100
    assert page.evaluate("document.querySelector('.diagram').shadowRoot !== null")
    assert page.evaluate("document.styleSheets.length") == 1


def test_its_clips_play(opened):
    page = opened()
    sounds = page.locator("audio")
    assert sounds.count() >= 3
    for i in range(sounds.count()):
        sound = sounds.nth(i)
        sound.evaluate("async sound => { sound.muted = true; await sound.play(); }")
        page.wait_for_function("sound => sound.currentTime > 0", arg=sound.element_handle())
        sound.evaluate("sound => sound.pause()")
        assert sound.evaluate("sound => sound.error") is None
        assert 0.5 < sound.evaluate("sound => sound.duration") <= 6


def test_hostile_names_and_labels_stay_text(opened, hostile):
    page = opened()
    shown = page.locator("body").inner_text()
    for text in (*hostile.labels, hostile.file_name, hostile.title):
        assert " ".join(text.split()) in " ".join(shown.split())
    for tag in ("script", "img", "iframe", "object", "embed"):
        assert page.locator(tag).count() == 0
    assert page.dialogs == []


def test_scripts_would_not_run_if_one_came_in(opened):
    page = opened()
    page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.ran = 1\">')"
    )
    page.wait_for_function("[...document.images].every(image => image.complete)")
    assert page.evaluate("window.ran") is None


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_nothing_is_wider_than_the_screen(opened, width):
    page = opened(width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # What scrolls in a box of its own may be wider; the boxes may not.
    wide = page.evaluate(
        "[...document.querySelectorAll('body *')]"
        ".filter(e => !e.parentElement.closest('.scroll, svg'))"
        ".filter(e => e.getBoundingClientRect().right > innerWidth + 1)"
        ".map(e => e.outerHTML.slice(0, 100))"
    )
    assert wide == []


@pytest.mark.parametrize(("scheme", "brightness"), [("light", (200, 255)), ("dark", (0, 60))])
def test_it_is_light_or_dark_as_asked(opened, scheme, brightness):
    page = opened(scheme=scheme)
    colours = page.evaluate(
        "[getComputedStyle(document.body).backgroundColor,"
        " getComputedStyle(document.body).color,"
        " getComputedStyle(document.querySelector('svg text')).fill]"
    )
    paper, ink, text = ([int(v) for v in c[4:-1].split(",")] for c in colours)
    assert brightness[0] <= min(paper) <= max(paper) <= brightness[1]
    assert abs(fmean(paper) - fmean(ink)) > 150
    assert text == ink
