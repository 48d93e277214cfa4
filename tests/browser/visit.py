"""Visit a built site with a real browser, once a page, and note what a reader would meet.

One browser serves all; some pages are open at a time. `visit` returns plain dictionaries, so that
each test asks one question of what was seen. Screen widths are CSS pixels, weights are bytes before
compression, times are milliseconds.
"""

import asyncio
import os
import shutil
import threading
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from urllib.parse import unquote

from playwright.async_api import async_playwright

TABS = 2  # pages open at a time: one for each core of a small machine
NARROW, WIDE, HEIGHT = 390, 1280, 900
NAMES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = [
    "--no-sandbox",  # which containers lack, as CI does; nothing but our own pages is opened
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")

# axe reads each color of each element anew, through objects whose private fields live in weak maps
# (its script is written for old browsers): on long pages that is two thirds of its time. A color
# once read is remembered here, and what a weak map keeps of an object is kept on the object itself.
BEFORE_AXE = """() => {
  class Kept {
    key = Symbol();
    has(o) { return Object.hasOwn(o, this.key); }
    get(o) { return this.has(o) ? o[this.key] : undefined; }
    set(o, value) { o[this.key] = value; return this; }
    add(o) { return this.set(o, true); }
    delete(o) { return this.has(o) && delete o[this.key]; }
  }
  window.WeakMap = window.WeakSet = Kept;
}"""
AFTER_AXE = """() => {
  const known = new Map(), kind = axe.commons.color.Color.prototype, read = kind.parseString;
  kind.parseString = function (words) {
    if (!known.has(words)) {
      const {r, g, b, alpha} = read.call(this, words);
      known.set(words, {r, g, b, alpha});
    }
    return Object.assign(this, known.get(words));
  };
}"""

# Every rule, best practices too; left out are only experiments, what is no longer asked, and AAA,
# which no one level of a page's text can fulfil.
RUN_AXE = """async () => {
  const left = ['experimental', 'deprecated', 'wcag2a-obsolete', 'wcag2aaa'];
  const rules = Object.fromEntries(axe.getRules().map(rule =>
    [rule.ruleId, {enabled: !rule.tags.some(tag => left.includes(tag))}]));
  const found = await axe.run(document, {rules, resultTypes: ['violations'], preload: false});
  return found.violations.map(fault => ({
    rule: fault.id, nodes: fault.nodes.map(node => node.target + ': ' + node.html.slice(0, 200))}));
}"""
OPEN_ALL = "() => document.querySelectorAll('details').forEach(fold => { fold.open = true; })"
DARKEN = """() => { document.documentElement.dataset.theme = 'dark';
  document.documentElement.dataset.mode = 'dark'; }"""
LOOK = """() => ({
  title: document.title,
  ids: [...document.querySelectorAll('[id]')].map(e => e.id),
  links: [...document.querySelectorAll('a[href]')].map(e => e.href),
  headings: [...document.querySelectorAll('main :is(h1,h2,h3,h4,h5,h6)')]
    .filter(e => e.checkVisibility()).map(e => +e.tagName[1]),
  images: [...document.querySelectorAll('main img')].map(e => ({
    alt: e.alt, ok: e.complete && e.naturalWidth > 0, in_figure: !!e.closest('figure')})),
  lost: [...document.querySelectorAll('main :is(p, li, td, th, figcaption)')].flatMap(e => {
    const words = e.cloneNode(true);
    words.querySelectorAll('code, pre').forEach(code => code.remove());
    return words.textContent.match(/\\b(nan|NaT)\\b|<NA>|np\\.float64/g) || []; }),
  formulas: document.querySelectorAll('.math').length,
  math: document.querySelectorAll('mjx-container').length,
  paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
})"""
# What is wider than the window, unless something around it scrolls or cuts it off.
STICKS_OUT = """() => {
  const width = document.documentElement.clientWidth;
  const held = e => { for (let p = e; p && p !== document.body; p = p.parentElement)
    if (getComputedStyle(p).overflowX !== 'visible') return true; return false; };
  const wide = [...document.querySelectorAll('main *')].filter(e =>
    e.getClientRects().length && e.getBoundingClientRect().right > width + 1 && !held(e));
  return {over: document.documentElement.scrollWidth - width,
          out: wide.slice(0, 5).map(e => e.outerHTML.slice(0, 120))};
}"""
# How wide each drawing stands, and of one to touch its smallest letters, in CSS pixels.
DRAWINGS = """() => ({
  shown: [...document.querySelectorAll('main figure img')].filter(e => e.checkVisibility())
    .map(e => [e.getAttribute('src').split('/').pop(), e.getBoundingClientRect().width]),
  touched: [...document.querySelectorAll('.touch-live svg')].flatMap(svg =>
    [...svg.querySelectorAll('text')].map(text =>
      parseFloat(getComputedStyle(text).fontSize) * svg.getScreenCTM().a)),
})"""
# Number all that one can see and use; note what of it takes the focus from then on.
WATCH_FOCUS = """() => {
  const able = 'a[href],button,input,select,textarea,summary,[tabindex="0"]';
  const shown = e => e.checkVisibility({visibilityProperty: true});
  window.missed_ = new Set([...document.querySelectorAll(able)].filter(e => shown(e) &&
    !e.disabled && e.tabIndex >= 0 && !e.closest('[inert],dialog:not([open])')));
  document.addEventListener('focusin', event => missed_.delete(event.target));
  document.activeElement.blur();
  return missed_.size;
}"""
# Code that turns out not to scroll is no place any more.
MISSED = "() => [...missed_].filter(e => e.tabIndex >= 0).map(e => e.outerHTML.slice(0, 160))"
REST = "() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 60)))"


def find_browser():
    """The browser's path: `CHROMIUM` in the environment, or the first of `NAMES`; else None."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def policies(site):
    """Read `_headers`: for each path of the site the headers that a server is to send."""
    rules, path = {}, None
    for line in (Path(site) / "_headers").read_text(encoding="utf-8").splitlines():
        if line.startswith("/"):
            path = rules.setdefault(line.strip(), {})
        elif ":" in line and not line.startswith("#"):
            name, value = line.strip().split(":", 1)
            path[name] = value.strip()
    return rules


class Handler(SimpleHTTPRequestHandler):
    """Serve files with the headers of `_headers`, without a word."""

    def __init__(self, *args, rules, **kwargs):
        self.rules = rules
        super().__init__(*args, **kwargs)

    def end_headers(self):
        """Add what the rules say of this path."""
        path = unquote(self.path.split("?")[0])
        for name, value in {**self.rules.get("/*", {}), **self.rules.get(path, {})}.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, *args):
        """Keep quiet."""


@contextmanager
def served(site):
    """Serve a folder on a free port of this machine; the address without a closing slash."""
    handler = partial(Handler, directory=str(site), rules=policies(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@asynccontextmanager
async def browser():
    """A browser without a window."""
    async with async_playwright() as driver:
        chromium = driver.chromium
        started = await chromium.launch(executable_path=find_browser(), args=OPTIONS)
        yield started
        await started.close()


def pages(site):
    """Every page of a site by its path, but the entry page, which leads on to the first."""
    found = [path.relative_to(site).as_posix() for path in Path(site).rglob("*.html")]
    return sorted(name for name in found if name not in ("index.html", "404.html"))


async def axe(page):
    """What axe-core finds on the page as it stands.

    The page's own scripts share the changed weak maps from then on: visit a page anew to use it.
    """
    if not await page.evaluate("() => 'axe' in window"):
        for script in (BEFORE_AXE, AXE, AFTER_AXE):
            await page.evaluate(script)
    return await page.evaluate(RUN_AXE)


async def settle(page, address):
    """Open a page, and wait until its formulas stand."""
    await page.goto(address, wait_until="load")
    await page.evaluate("() => window.MathJax?.startup?.promise?.then(() => null)")
    await page.evaluate(REST)


async def walk(page):
    """Press Tab through the page; how many places there are to reach, and those not reached.

    Windows narrower than the sidebars hide them behind buttons, so that this one is wide.
    """
    await page.set_viewport_size({"width": 1400, "height": HEIGHT})
    await page.evaluate(REST)
    places = await page.evaluate(WATCH_FOCUS)
    for _ in range(places + 40):  # some places are reached that are no controls of ours
        await page.keyboard.press("Tab")
    return places, await page.evaluate(MISSED)


async def visit(page, seen, address):
    """Everything that is looked at on one page over http."""
    await page.set_viewport_size({"width": WIDE, "height": HEIGHT})
    await settle(page, address)
    seen |= await page.evaluate(LOOK)
    seen["first_requests"] = list(seen["requests"])
    await page.evaluate(OPEN_ALL)
    seen["light"] = await axe(page)
    await page.evaluate(DARKEN)
    seen["dark"] = await axe(page)
    seen["places"], seen["missed"] = await walk(page)
    seen["overflow"] = {}
    for width, zoom in ((NARROW, 100), (320, 100), (WIDE, 200)):
        await page.set_viewport_size({"width": width, "height": HEIGHT})
        await page.evaluate(f"() => {{ document.documentElement.style.fontSize = '{zoom}%' }}")
        await page.evaluate(REST)
        seen["overflow"][f"{width} px, text {zoom}%"] = await page.evaluate(STICKS_OUT)
        if width == NARROW:
            seen["drawings"] = await page.evaluate(DRAWINGS)


async def visit_file(page, seen, address):
    """What a page asks for and says when it is opened from the disk."""
    await settle(page, address)
    seen |= await page.evaluate(LOOK)


async def work(started, jobs, found):
    """Do jobs until none is left, all in one window: `(visit, name, address)` each.

    A window is dearer than a page; a new document begins anew in all that is looked at. Colors are
    judged at once after a change of mode, so that nothing may fade.
    """
    page = await started.new_page(reduced_motion="reduce")
    seen = {}
    page.on("console", lambda said: seen["console"].append(f"{said.type}: {said.text}"))
    page.on("pageerror", lambda error: seen["console"].append(f"error: {error}"))
    page.on("request", lambda asked: seen["requests"].append(asked.url))
    page.on("requestfailed", lambda asked: seen["failed"].append(asked.url))
    page.on("response", lambda came: came.status < 400 or seen["failed"].append(came.url))
    while jobs:
        doing, name, address = jobs.pop()
        seen = found[doing][name] = {"console": [], "requests": [], "failed": []}
        await doing(page, seen, address)


async def visit_all(site, origin, names):
    """Visit each page over http and from the disk: two dictionaries by the page's name."""
    http = [(visit, name, f"{origin}/{name}") for name in names]
    disk = [(visit_file, name, (Path(site) / name).resolve().as_uri()) for name in names]
    found = {visit: {}, visit_file: {}}
    jobs = sorted(disk + http, key=lambda job: (Path(site) / job[1]).stat().st_size)
    async with browser() as started:
        await asyncio.gather(*(work(started, jobs, found) for _ in range(TABS)))
    return found[visit], found[visit_file]
