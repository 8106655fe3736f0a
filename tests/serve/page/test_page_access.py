"""For everyone: keyboard, screen reader, light and dark, small screens, no network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from page_service import Service, astronaut, error, give, softened

pytestmark = pytest.mark.slow

OpenPage = Callable[..., Page]
PICTURES = (("a.png", astronaut), ("b.png", softened))


def serious(page: Page) -> list[str]:
    """What axe-core finds serious or critical."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def repeated_ids(page: Page) -> list[str]:
    """Names of elements that are given twice: a label would belong to the wrong one."""
    ids = page.locator("[id]").evaluate_all("(all) => all.map((one) => one.id)")
    return [one for one in set(ids) if ids.count(one) > 1]


def no_sideways(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize(("width", "dark"), [(320, True), (360, False), (1280, True)])
def test_every_state_is_accessible_and_fits(
    open_page: OpenPage, service: Service, width: int, dark: bool
) -> None:
    page = open_page(dark=dark, width=width)
    assert serious(page) == []
    assert repeated_ids(page) == []
    assert no_sideways(page)
    service.answers = [error(422, "invalid", "This is no picture.")]
    give(page, ("a-long-name-" * 12 + ".png", b"none"))
    expect(page.locator("#list li[data-phase=failed]")).to_be_visible()
    assert serious(page) == []
    assert repeated_ids(page) == []
    assert no_sideways(page)
    give(page, *((name, make()) for name, make in PICTURES))
    expect(page.locator("#list li[data-phase=done]")).to_have_count(2)
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert serious(page) == []
    assert repeated_ids(page) == []
    assert no_sideways(page)
    page.select_option("#compare-with", index=1)
    expect(page.locator(".viewer")).to_have_count(2)
    assert serious(page) == []
    assert repeated_ids(page) == []
    assert no_sideways(page)


def test_keys_alone_reach_everything(open_page: OpenPage, service: Service) -> None:
    for name, make in PICTURES:
        service.add(name, make())
    page = open_page(f"{service.address}#r={','.join(service.results)}")
    expect(page.locator("#list li[data-phase=done]")).to_have_count(2)
    expect(page.locator("#compare-with")).to_be_visible()
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                """() => {
                  const one = document.activeElement;
                  return one.id || one.ariaLabel || one.className || one.textContent;
                }"""
            )
        )
    wanted = ["choose", "camera", "Open a.png", "Delete b.png", "prior-range", "prior"]
    wanted += ["opacity", "outlines", "Zoom in", "compare-with", "Show face 1 in the photograph"]
    wanted += ["danger", "share-link"]
    assert [one for one in wanted if one not in reached] == []
    assert any("arrow keys" in one.lower() for one in reached)
    order = [reached.index(one) for one in wanted]
    assert order == sorted(order), "the order of Tab is that of the page"


def test_no_request_leaves_the_server(open_page: OpenPage, service: Service) -> None:
    asked: list[str] = []
    page = open_page()
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    give(page, ("a.png", astronaut()))
    expect(page.locator("#shown")).to_be_visible()
    assert asked
    assert {
        url for url in asked if not url.startswith((service.address, "data:", "blob:"))
    } == set()


SHIFTS = """() => {
  window.shift = 0;
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) if (!one.hadRecentInput) window.shift += one.value;
  }).observe({ type: "layout-shift", buffered: true });
}"""


@pytest.mark.parametrize("width", [360, 430, 800, 1280])
def test_nothing_jumps_whenever_the_limits_come(
    open_page: OpenPage, service: Service, width: int
) -> None:
    queued: dict[str, Any] = {"state": "queued", "position": 1}
    service.steps = (queued, {"state": "running"})
    page = open_page("about:blank", width=width)
    held: list[Route] = []
    page.route("**/v1/limits", lambda route: held.append(route))  # noqa: PLW0108  it is untyped
    page.goto(service.address)
    page.evaluate(SHIFTS)
    give(page, *((f"{name}.png", astronaut()) for name in "abc"))
    expect(page.locator("#list li[data-phase=done]")).to_have_count(3)
    expect(page.locator(".reading")).to_be_visible()
    held[0].continue_()
    expect(page.locator("#keep-hours")).to_contain_text("24 hours")
    page.wait_for_timeout(300)  # for the observer, which is told after the frame
    assert page.evaluate("window.shift") < 0.005


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("beside", [False, True])
def test_the_line_of_the_reading_keeps_its_height_when_values_come_late(
    open_page: OpenPage, service: Service, width: int, beside: bool
) -> None:
    one, other = service.add("a.png", astronaut()), service.add("b.png", softened())
    page = open_page("about:blank", width=width)
    held: list[Route] = []
    page.route("**/values.bin", lambda route: held.append(route))  # noqa: PLW0108  it is untyped
    address = f"{service.address}#r={one},{other}&show={one}"
    page.goto(address + f"&beside={other}" * beside)
    reading, tools = page.locator(".reading"), page.locator(".tools")

    def heights() -> list[float]:
        boxes = [one.bounding_box() for one in (reading, tools)]
        return [box["height"] for box in boxes if box is not None]

    expect(reading).to_contain_text("Point at the picture")
    before = heights()
    page.locator(".viewer").first.focus()
    page.keyboard.press("ArrowRight")
    expect(reading).to_contain_text("The values of the map are being loaded.")
    assert heights() == before
    expect(page.locator(".viewer")).to_have_count(1 + beside)
    while len(held) < 1 + beside:
        page.wait_for_timeout(20)
    for route in held:
        route.continue_()
    expect(reading).to_contain_text("Column")
    expect(reading).not_to_contain_text("loaded")
    assert heights() == before
    text = reading.evaluate("(p) => [p.scrollHeight, p.clientHeight]")
    assert text[0] <= text[1]


def test_changes_are_announced(open_page: OpenPage, service: Service) -> None:
    page = open_page()
    status = page.get_by_role("status")
    give(page, ("a.png", astronaut()))
    expect(status.first).to_have_text("a.png: done. No sign of a pasted face (label “real”).")
    expect(page.get_by_role("main")).to_be_visible()
    expect(page.get_by_role("navigation", name="Pictures")).to_be_visible()
    assert page.title() == "a.png – Blurprint"
