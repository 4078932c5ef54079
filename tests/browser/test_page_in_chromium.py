"""The page in a real browser: no serious accessibility finding, light and dark, and what its script does.

Chromium is asked to run a script of ours after the page's own and to print the document.
"""

import json
import re
import subprocess
from collections.abc import Mapping
from html import unescape
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from preflight.page import page
from tests.browser.chromium import chromium
from tests.preflight.page.documents import document
from tests.preflight.reach.baseline import STACK
from tests.preflight.reach.stacks import resource

_SECONDS = 60  # a browser that hangs must not hang the tests


@pytest.fixture(scope="module")
def text() -> str:
    """Two stacks: the second one has a finding and a queue of its own."""
    found = document(*STACK.values())
    finding = {
        "control": "s3-private", "verdict": "violation", "level": "mandatory", "urn": STACK["bucket"]["urn"],
        "message": "is open", "fix": "close it", "source": "shop.py:7",
    }  # fmt: skip
    other = document(*STACK.values(), resource("aws:sqs/queue:Queue", "only-here"), findings=[finding])
    found["stacks"]["zoo"] = other["stacks"]["shop"]
    return page(found)


def _ran(text: str, folder: Path, script: str, *options: str, place: str = "") -> Any:
    """What `script` gives: the body of an async function, after the page's own script. `place`: `#...` in its address."""
    run = f"(async()=>{{{script}}})().then(r=>JSON.stringify({{r}}),e=>JSON.stringify({{error:String(e)}}))"
    end = f"<script>{run}.then(t=>{{const p=document.createElement('pre');p.id='said';p.textContent=t;document.body.append(p)}})</script>"
    file = folder / "page.html"
    file.write_text(text.replace("</body>", end + "</body>"), encoding="utf-8")
    command = [
        chromium(), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}",
        "--window-size=1400,1000", "--virtual-time-budget=20000", *options, "--dump-dom", file.as_uri() + place,
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=True)
    found = re.search(r'<pre id="said">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found is not None, done.stderr[-2000:]
    said: Mapping[str, Any] = json.loads(unescape(found[1]))
    assert "error" not in said, said
    return said["r"]


@pytest.mark.parametrize("scheme", [(), ("--blink-settings=preferredColorScheme=0",)], ids=["light", "dark"])
@pytest.mark.parametrize("stack", ["shop", "zoo"])
def test_there_is_no_serious_accessibility_finding(
    text: str, tmp_path: Path, scheme: tuple[str, ...], stack: str
) -> None:
    axe = files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    script = f"""
        document.querySelector('[data-show="{stack}"]').click();
        for (const d of document.querySelectorAll('details')) d.open = true;
        await new Promise(r => setTimeout(r, 300));
        const found = await axe.run();
        return {{dark: matchMedia('(prefers-color-scheme: dark)').matches,
                rules: found.passes.map(p => p.id),
                bad: found.violations.filter(v => v.impact === 'serious' || v.impact === 'critical')
                     .map(v => [v.id, v.nodes.slice(0, 3).map(n => n.html.slice(0, 160))])}};"""
    said = _ran(text.replace("</body>", f"<script>{axe}</script></body>"), tmp_path, script, *scheme)

    assert said["bad"] == []
    assert "color-contrast" in said["rules"]  # it has looked at the colours at all
    assert said["dark"] == bool(scheme)


def test_one_stack_is_shown_at_a_time_and_the_links_lead_into_it(text: str, tmp_path: Path) -> None:
    script = """
        const shown = () => [...document.querySelectorAll('article')].filter(a => !a.hidden).map(a => a.dataset.stack);
        const first = shown();
        document.querySelector('[data-show="zoo"]').click();
        const pressed = [...document.querySelectorAll('[data-show]')].map(b => b.getAttribute('aria-pressed'));
        const links = [...document.querySelectorAll('a[data-part]')].map(a => a.getAttribute('href'));
        return {first, second: shown(), pressed, links, dead: links.filter(l => !document.querySelector(l))};"""
    said = _ran(text, tmp_path, script)

    assert (said["first"], said["second"]) == (["shop"], ["zoo"])
    assert said["pressed"] == ["false", "true"]
    assert "#zoo-cost" in said["links"]
    assert said["dead"] == []


def test_a_link_to_a_part_of_a_stack_opens_that_stack(text: str, tmp_path: Path) -> None:
    script = """
        const shown = () => [...document.querySelectorAll('article')].filter(a => !a.hidden).map(a => a.dataset.stack);
        const first = shown(), pressed = [...document.querySelectorAll('[data-show]')].map(b => b.getAttribute('aria-pressed'));
        const go = async (place) => { location.hash = place; await new Promise(r => setTimeout(r, 200)); return shown(); };
        return {first, pressed, back: await go('#shop-cost'), none: await go('#%nothing')};"""
    said = _ran(text, tmp_path, script, place="#zoo-findings")

    assert (said["first"], said["pressed"]) == (["zoo"], ["false", "true"])
    assert (said["back"], said["none"]) == (["shop"], ["shop"])


def test_search_and_type_find_resources_by_name_and_by_value(text: str, tmp_path: Path) -> None:
    script = """
        const wait = () => new Promise(r => setTimeout(r, 400));
        document.querySelector('[data-show="zoo"]').click();
        await wait();
        const names = () => [...document.querySelectorAll('[data-tree="zoo"] summary b')].map(b => b.textContent);
        const all = names().length;
        const search = document.querySelector('[data-search="zoo"]');
        const type = (words) => { search.value = words; search.dispatchEvent(new Event('input')); return wait(); };
        await type('only-here'); const byName = names();
        await type('db.t4g.micro'); const byValue = names();
        await type('nowhere at all'); const none = names();
        await type('');
        const select = document.querySelector('[data-type="zoo"]');
        select.value = 'aws:sqs/queue:Queue'; select.dispatchEvent(new Event('change')); await wait();
        const byType = names();
        document.querySelector('[data-tree="zoo"] details').open = true; await wait();
        return {all, byName, byValue, none, byType, inputs: document.querySelector('[data-tree="zoo"] pre').textContent};"""
    said = _ran(text, tmp_path, script)

    assert said["all"] == len(STACK) + 1
    assert said["byName"] == ["only-here"]
    assert said["byValue"] == ["db"]
    assert said["none"] == []
    assert sorted(said["byType"]) == ["only-here", "queue"]
    assert "shop.py:1" in said["inputs"]


def test_the_profile_changes_which_bars_are_shown(text: str, tmp_path: Path) -> None:
    script = """
        const seen = () => [...new Set([...document.querySelectorAll('article:not([hidden]) .bar')]
            .filter(b => getComputedStyle(b).display !== 'none').map(b => b.className))];
        const before = seen();
        document.querySelector('article:not([hidden]) input[value=peak]').click();
        return {before, after: seen()};"""
    said = _ran(text, tmp_path, script)

    assert said == {"before": ["bar expected"], "after": ["bar peak"]}


def test_on_paper_folds_are_open_and_afterwards_as_before(text: str, tmp_path: Path) -> None:
    script = """
        const folds = [...document.querySelectorAll('details')].filter(d => !d.closest('.tree'));
        const open = () => folds.filter(d => d.open).length;
        folds[0].open = true;
        dispatchEvent(new Event('beforeprint'));
        const printed = open();
        const trees = [...document.querySelectorAll('.tree')].filter(t => t.querySelector('li')).length;
        dispatchEvent(new Event('afterprint'));
        return {printed: printed === folds.length && printed > 1, trees, after: open()};"""
    assert _ran(text, tmp_path, script) == {"printed": True, "trees": 2, "after": 1}


@pytest.mark.parametrize("width", [320, 2560])
def test_no_width_needs_the_page_to_be_scrolled_sideways_or_breaks_words_of_a_table_apart(
    text: str, tmp_path: Path, width: int
) -> None:
    (tmp_path / "inner.html").write_text(text, encoding="utf-8")
    outer = f'<!doctype html><body><iframe src="inner.html" style="width:{width}px;height:900px"></iframe></body>'
    script = """
        await new Promise(r => setTimeout(r, 500));
        const inner = document.querySelector('iframe').contentDocument;
        const cells = [...inner.querySelectorAll('article:not([hidden]) table:has(th:nth-child(3)) td .mark')];
        return {wide: inner.documentElement.scrollWidth - inner.documentElement.clientWidth,
                high: Math.max(...cells.map(c => c.getBoundingClientRect().height)), cells: cells.length > 3};"""
    said = _ran(outer, tmp_path, script, "--allow-file-access-from-files")
    assert said["wide"] <= 0
    assert said["cells"] and said["high"] < 60  # two lines; letter by letter it is three and more


def test_a_big_list_comes_in_parts_and_whole_and_that_of_another_stack_only_when_shown(tmp_path: Path) -> None:
    many = [resource("aws:sqs/queue:Queue", f"queue-{number}") for number in range(2000)]
    found = document(*STACK.values(), *many)
    found["stacks"]["zoo"] = document(*STACK.values())["stacks"]["shop"]
    script = """
        await new Promise(r => setTimeout(r, 1000));
        const count = (stack) => document.querySelectorAll(`[data-tree="${stack}"] li`).length;
        const before = [count('shop'), count('zoo')];
        for (let b; (b = document.querySelector('[data-tree="shop"] button'));) b.click();
        const all = count('shop');
        document.querySelector('[data-show="zoo"]').click(); await new Promise(r => setTimeout(r, 300));
        return {before, all, after: count('zoo')};"""

    said = _ran(page(found), tmp_path, script)
    assert said == {"before": [201, 0], "all": len(STACK) + 2000, "after": len(STACK)}
