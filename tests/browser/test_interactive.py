"""The figures to touch in a real browser: pointer, keyboard, links, frames, scripts off."""

import asyncio
import json

import pytest
import visit

FIGURES = {
    "chapters/lessons/bench.html": "bench",
    "chapters/evidence/rebuilding.html": "sieve",
    "chapters/lessons/hill.html": "hill",
    "chapters/evidence/conventions.html": "rounding",
}
# The work of each frame: what the page's own scripts do for it, and the layout that follows.
TIMED = """window.work_ = []; { const ask = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = f => ask(at => { const start = performance.now(); f(at);
    document.body.offsetHeight; work_.push(performance.now() - start); }); }"""
MEDIAN = "() => work_.sort((a, b) => a - b)[work_.length >> 1]"
FRAME, SLOW = 16, 50  # milliseconds: on this machine, and on one that is six times slower
# A piece of work of a fixed size, as a task of its own: 50 ms where the processor is six times
# slower than that on which the figures were first measured.
FIXED = """() => new Promise(done => setTimeout(() => { let x = 1;
  for (let i = 0; i < 7e6; i++) { x ^= x << 13; x ^= x >>> 17; x ^= x << 5; } done(x); }))"""
FOCUSED = """() => { const e = document.activeElement; return e.closest('.touch-live') &&
  [e.getAttribute('role') || e.type || e.localName, e.textContent.trim()]; }"""
REST = 700  # milliseconds: what is said, and the address, follow once the hand rests


async def said(page):
    """What was announced once the hand rested."""
    await page.wait_for_timeout(REST)
    return await page.text_content("figure.touch [role=status]")


async def again(page):
    """The page's own address, opened afresh."""
    other = await page.context.new_page()
    await visit.settle(other, page.url)
    return other


async def timed(page):
    """The page once more, with the work of its frames measured."""
    await page.context.add_init_script(TIMED)
    await page.reload()
    await page.evaluate(visit.REST)


async def drag(page, start, by):
    """Press at a place, move in small steps, let go; the median work of a frame meanwhile."""
    await page.mouse.move(*start)
    await page.mouse.down()
    await page.evaluate("() => { work_.length = 0; }")
    for step in range(60):
        await page.mouse.move(start[0] + by * step / 60, start[1] + step % 3)
    median = await page.evaluate(MEDIAN)
    await page.mouse.up()
    return median


async def drag_slowly(page, start, by):
    """`drag` with the processor six times slower."""
    session = await page.context.new_cdp_session(page)
    await session.send("Emulation.setCPUThrottlingRate", {"rate": 6})
    median = await drag(page, start, by)
    await session.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    return median


async def tasks(page, doing):
    """What each task of the page took of the processor meanwhile, in milliseconds, longest first.

    However busy the machine is with others. The driver loads scripts of its own when it first looks
    for an element, or waits: before, so that they are not counted as the page's.
    """
    await page.locator("main").first.hover(trial=True)
    await page.wait_for_function("() => true")
    browser = page.context.browser
    await browser.start_tracing(page=page, categories=["toplevel"])
    await doing
    events = json.loads(await browser.stop_tracing())["traceEvents"]
    names = [event for event in events if event["name"] == "thread_name"]
    own = {(e["pid"], e["tid"]) for e in names if e["args"]["name"] == "CrRendererMain"}
    timed = [e for e in events if "tdur" in e and (e["pid"], e["tid"]) in own]
    return sorted((event["tdur"] / 1000 for event in timed), reverse=True)


async def yardstick(page):
    """What a fixed piece of work takes of the processor now, in milliseconds: the middle of five.

    Others in the same run are held against it, so that no machine is too slow for a test.
    """
    return sorted([(await tasks(page, page.evaluate(FIXED)))[0] for _ in range(5)])[2]


async def center(locator):
    """The middle of an element, on the screen."""
    await locator.scroll_into_view_if_needed()
    box = await locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.mark.parametrize("page", FIGURES)
class TestEveryFigure:
    """What holds for each of them."""

    def test_it_stands_without_scripts(self, page, origin):
        """The static picture with its words is there; nothing waits for a script."""

        async def look():
            async with visit.browser() as started:
                opened = await (await started.new_context(java_script_enabled=False)).new_page()
                await opened.goto(f"{origin}/{page}")  # nothing in the page can say that it rests
                picture = opened.locator("figure.touch .touch-static")
                assert await picture.is_visible()
                assert len(await picture.get_attribute("alt")) > 80
                assert await opened.locator(".touch-live").count() == 0

        asyncio.run(look())

    def test_it_prints_its_picture(self, page, on_page):
        """On paper the static picture stands, and what is touched does not."""

        async def look(opened):
            assert not await opened.locator(".touch-static").is_visible()
            assert not await opened.locator(".touch-still").is_visible()
            await opened.emulate_media(media="print")
            assert await opened.locator(".touch-static").is_visible()
            assert await opened.locator(".touch-still").is_visible()
            assert not await opened.locator(".touch-live").is_visible()

        on_page(page, look)

    @pytest.mark.parametrize("width", [320, visit.NARROW])
    def test_it_fits_a_phone(self, page, width, on_page):
        """Nothing sticks out, and every control is large enough for a finger."""

        async def look(opened):
            found = await opened.evaluate(visit.STICKS_OUT)
            assert (found["over"], found["out"]) == (0, [])
            small = await opened.evaluate(
                """() => [...document.querySelectorAll('.touch-live :is(button, select, input)')]
                  .map(e => e.getBoundingClientRect()).filter(r => r.width < 24 || r.height < 24)
                  .length"""
            )
            assert small == 0 or FIGURES[page] == "hill"  # a slider's own height is the browser's

        on_page(page, look, viewport={"width": width, "height": 800}, has_touch=True)

    def test_it_is_used_by_keyboard_alone(self, page, on_page):
        """Tab reaches each control, keys change it, the address follows, Enter takes all back."""

        async def use(opened):
            await opened.evaluate(
                """() => { const live = document.querySelector('.touch-live');
                  live.tabIndex = -1; live.focus(); }"""
            )
            keys = {"select-one": "ArrowDown", "range": "ArrowRight", "slider": "ArrowRight"}
            used = set()
            for _ in range(120):
                await opened.keyboard.press("Tab")
                found = await opened.evaluate(FOCUSED)
                if not found:
                    break
                key = "Enter" if "Add the next" in found[1] else keys.get(found[0])
                used |= {found[0]}
                if key:
                    await opened.keyboard.press(key)
            assert used & {*keys, "button"}
            await opened.wait_for_timeout(REST)
            assert "#" in opened.url
            for _ in range(120):
                await opened.keyboard.press("Shift+Tab")
                found = await opened.evaluate(FOCUSED)
                if found and found[1] == "Reset":
                    break
            await opened.keyboard.press("Enter")
            await opened.wait_for_timeout(REST)
            assert "#" not in opened.url

        on_page(page, use)

    @pytest.mark.parametrize("word", ["__proto__", "constructor", "toString", "length", "%00"])
    def test_no_address_breaks_it(self, page, word, on_page):
        """What is not known falls back, and is told; nothing throws."""

        async def look(opened):
            thrown = []
            opened.on("pageerror", lambda error: thrown.append(str(error)))
            await opened.reload()
            await opened.evaluate(visit.REST)
            assert thrown == []
            assert "not known here" in await opened.text_content("figure.touch [role=status]")
            assert await opened.locator(".touch-live svg").first.is_visible()

        asked = "&".join(f"{name}={word}" for name in "by ci t e of with b formula rows".split())
        on_page(f"{page}#{asked}", look)


class TestBench:
    """Lines to drag."""

    NAME = "chapters/lessons/bench.html"

    def test_drag_keyboard_link_and_reset(self, on_page, measured):
        """No input is lost, frames stay short, a link carries all, reset takes all back."""

        async def use(page):
            await timed(page)
            await page.select_option(".touch-controls select >> nth=0", "tumor_2cm_or_larger")
            await page.select_option(".touch-controls select >> nth=1", "log-log")
            handle = page.locator(".bench-handle").nth(1)
            await handle.scroll_into_view_if_needed()
            start, before = await center(handle), await handle.get_attribute("aria-valuetext")
            frame = await drag(page, start, 180)
            measured("median frame while a line of the bench is dragged", frame, FRAME)
            slow = await drag_slowly(page, await center(page.locator(".bench-handle").nth(3)), 60)
            measured("the same, six times slower", slow, SLOW)
            there = await center(page.locator(".bench-handle").nth(5))
            spent = await tasks(page, drag(page, there, 60))
            measured("the longest task of a drag, six times slower", 6 * spent[0], SLOW)
            assert spent[2] < await yardstick(page)
            moved = float(await handle.get_attribute("aria-valuenow"))
            box = await page.locator(".bench-lines").bounding_box()
            there = start[0] + 180 * 59 / 60 - box["x"] - 46
            assert abs(moved - 84 * there / (box["width"] - 60)) < 0.1
            await handle.focus()
            for key in ("ArrowLeft", "PageUp", "Space", "g"):
                await page.keyboard.press(key)
            assert "log-rank P" in await said(page)
            after = await handle.get_attribute("aria-valuetext")
            assert after.startswith(f"{moved + 0.9:.1f} months")
            assert "group" in after
            copy = await again(page)
            other = copy.locator(".bench-handle").nth(1)
            assert await other.get_attribute("aria-valuetext") == after
            assert await copy.input_value(".touch-controls select >> nth=1") == "log-log"
            await page.click("text=Reset")
            await page.wait_for_timeout(REST)
            assert "#" not in page.url
            assert (await handle.get_attribute("aria-valuetext")) == before.rsplit(",", 1)[0]

        on_page(self.NAME, use)

    def test_keys_are_never_lost(self, on_page):
        """A hundred quick presses move a line by exactly ten months."""

        async def use(page):
            handle = page.locator(".bench-handle").nth(3)
            start = float(await handle.get_attribute("aria-valuenow"))
            await handle.focus()
            for _ in range(100):
                await page.keyboard.press("ArrowRight")
            await page.wait_for_timeout(100)
            assert float(await handle.get_attribute("aria-valuenow")) == pytest.approx(start + 10)

        on_page(self.NAME, use)


class TestSieve:
    """Numbers to press."""

    NAME = "chapters/evidence/rebuilding.html"

    def test_press_keyboard_link_and_back(self, on_page):
        """One stop of Tab, arrows within; a press counts anew; a link carries the numbers."""

        async def use(page):
            count, pressed = (
                page.locator(".sieve-count strong"),
                '.sieve-number[aria-pressed="true"]',
            )
            start = await count.text_content()
            assert await page.locator(".sieve-number[tabindex='0']").count() == 1
            await page.locator(".sieve-number[tabindex='0']").focus()
            await page.keyboard.press("Space")
            await page.keyboard.press("ArrowRight")
            await page.keyboard.press("Enter")
            await page.keyboard.press("ArrowDown")
            await page.keyboard.press("End")
            assert await page.locator(pressed).count() == 2
            assert "candidates" in await said(page)
            left = await count.text_content()
            assert left != start
            assert page.url.endswith("#rows=0-1")
            copy = await again(page)
            assert await copy.locator(".sieve-count strong").text_content() == left
            await page.click("text=Take the last back")
            await page.locator(pressed).click()
            assert await count.text_content() == start

        on_page(self.NAME, use)

    def test_the_tour_says_what_each_number_has_taught(self, on_page):
        """Three numbers, one a press; each adds to what is certain, and then it begins anew."""

        async def use(page):
            guide, count = page.locator("button:text('Guided tour')"), page.locator(".sieve-count")
            known = []
            for _ in range(3):
                await guide.click()
                known.append(await count.text_content())
            assert all("It has taught: who died is certain" in text for text in known)
            assert len(set(known)) == 3
            assert await guide.text_content() == "Guided tour, 1 of 3"
            assert await page.locator('.sieve-number[aria-pressed="true"]').count() == 3

        on_page(self.NAME, use)

    @pytest.mark.parametrize("motion", ["reduce", "no-preference"])
    def test_all_numbers_one_by_one(self, motion, on_page, measured):
        """They lead to few candidates, with reduced motion at once, and the page never waits."""

        async def add_all(page):
            await page.click("text=Add all, one by one")
            left = '.sieve-number[aria-pressed="false"]'
            await page.wait_for_function(
                f"() => !document.querySelector('{left}')", timeout=120_000
            )
            await page.wait_for_timeout(REST)

        async def use(page):
            spent = await tasks(page, add_all(page))
            left = await page.locator(".sieve-count strong").text_content()
            return spent, await yardstick(page), left

        spent, fixed, left = on_page(self.NAME, use, reduced_motion=motion)
        measured("the longest task of Add all, six times slower", 6 * spent[0], 2 * SLOW)
        assert spent[2] < 2 * fixed
        assert int(left) < 100


class TestHill:
    """A curve to walk along."""

    NAME = "chapters/lessons/hill.html"

    def test_drag_keyboard_link_and_second_covariate(self, on_page, measured):
        """Dragging is smooth, the slider follows, the second covariate moves the top."""

        async def use(page):
            await timed(page)
            walker, top = page.locator(".hill-walker"), page.locator(".touch-live td >> nth=2")
            await walker.scroll_into_view_if_needed()
            frame = await drag(page, await center(walker), 120)
            measured("median frame while walking on the hill", frame, FRAME)
            at, alone = await page.input_value(".hill-slider"), await top.text_content()
            assert float(at) > 0.2
            await page.focus(".hill-slider")
            await page.keyboard.press("ArrowRight")
            assert float(await page.input_value(".hill-slider")) == pytest.approx(float(at) + 0.01)
            await page.select_option(".touch-controls select >> nth=1", "tumor_2cm_or_larger=True")
            assert "Top at" in await said(page)
            both = await top.text_content()
            assert both != alone
            copy = await again(page)
            assert await copy.locator(".touch-live td >> nth=2").text_content() == both
            await page.select_option(".touch-controls select >> nth=0", "pathology=leiomyosarcoma")
            await page.select_option(".touch-controls select >> nth=1", "")
            assert "no top" in await said(page)
            await page.click("text=Reset")
            await page.wait_for_timeout(REST)
            assert await top.text_content() == alone
            assert "#" not in page.url

        on_page(self.NAME, use)


class TestRounding:
    """Conventions to choose."""

    NAME = "chapters/evidence/conventions.html"

    def test_choose_link_and_reset(self, on_page):
        """The edition's conventions print the first interval; another formula does not."""

        async def use(page):
            word = page.locator(".touch-live table >> nth=0").locator("tbody td:last-child span")
            assert set(await word.all_text_contents()) == {"agrees"}
            good, every = page.locator(".rounding-good"), page.locator(".rounding-square")
            most = await good.count()
            assert 0 < most < await every.count()
            await page.select_option(".touch-controls select >> nth=1", "log-log")
            assert "is published" in await said(page)
            assert await good.count() < most
            assert "differs" in await word.all_text_contents()
            copy = await again(page)
            assert await copy.input_value(".touch-controls select >> nth=1") == "log-log"
            await page.click("button:text('Reset')")
            await page.wait_for_timeout(REST)
            assert set(await word.all_text_contents()) == {"agrees"}
            assert "#" not in page.url

        on_page(self.NAME, use)
