"""Whatever goes wrong is said, and what can be tried again is."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from page_service import Service, astronaut, error, give

pytestmark = pytest.mark.slow

OpenPage = Callable[..., Page]


def test_a_file_beyond_the_limit_is_not_sent(open_page: OpenPage, service: Service) -> None:
    page = open_page()
    expect(page.locator("#hours")).to_contain_text("24")  # the limits are known
    give(page, ("big.png", bytes(6_000_000)), ("empty.png", b""))
    rows = page.locator("#list li[data-phase=failed] .state")
    expect(rows).to_have_text(
        ["The file has 6.00 MB; this server accepts 5.00 MB at most.", "The file is empty."]
    )
    assert service.fields == []


REFUSALS = [
    (error(413, "too_large", "The file is too large."), "The file is too large."),
    (error(422, "invalid", "This is an SVG drawing."), "This is an SVG drawing."),
    ((413, {}, b"<html>nginx</html>"), "larger than this server accepts"),
    ((500, {}, b""), "The server answered with error 500."),
    ((200, {}, b"no json"), "The server's answer cannot be read."),
]


def test_a_refusal_is_said_in_the_server_s_words_or_in_plain_ones(
    open_page: OpenPage, service: Service
) -> None:
    service.answers = [answer for answer, _ in REFUSALS]
    page = open_page()
    give(page, ("a.png", astronaut()))
    for number, (_, words) in enumerate(REFUSALS):
        if number:
            page.get_by_role("button", name="Try again a.png").click()
        expect(page.locator("#list li[data-phase=failed]")).to_contain_text(words)
        expect(page.locator("#status")).to_contain_text(words)
    page.get_by_role("button", name="Try again a.png").click()
    expect(page.locator("#shown")).to_have_text("a.png")


def test_a_file_that_cannot_be_read_fails_with_the_reason(
    open_page: OpenPage, service: Service
) -> None:
    told = {"code": "unreadable", "message": "is cut off after 3 of 9 rows"}
    service.steps = ({"state": "queued"}, {"state": "failed", "error": told})
    page = open_page()
    give(page, ("a.png", astronaut()))
    row = page.locator("#list li[data-phase=failed]")
    expect(row).to_contain_text("is cut off after 3 of 9 rows")
    expect(page.locator("#result")).to_be_empty()
    service.steps = ()
    page.get_by_role("button", name="Try again a.png").click()
    expect(page.locator("#shown")).to_have_text("a.png")
    assert len(service.fields) == 2, "it is sent anew"


def test_a_busy_server_is_asked_again_when_it_said_with_a_countdown(
    open_page: OpenPage, service: Service
) -> None:
    busy = error(429, "queue_full", "Too many files wait already.", Retry_After="300")
    service.answers = [busy]
    page = open_page()
    page.clock.install()
    page.reload()
    give(page, ("a.png", astronaut()))
    row = page.locator("#list li").first
    words = "Too many files wait already. Next try in "
    expect(row).to_contain_text(re.compile(words + "(300|29.) s"))
    give(page, ("b.png", astronaut()))
    expect(page.locator("#list li").nth(1)).to_contain_text("Waiting to be sent.")
    page.clock.fast_forward(200_000)
    expect(row).to_contain_text(re.compile(words + "(100|[5-9].) s"))
    assert service.results == {}, "neither is sent before"
    page.clock.fast_forward(100_000)
    expect(page.locator("#list li[data-phase=done]")).to_have_count(2)
    assert [one["name"] for one in service.results.values()] == ["a.png", "b.png"]


def test_trying_at_once_is_possible(open_page: OpenPage, service: Service) -> None:
    service.answers = [error(429, "queue_full", "Busy.", Retry_After="300")]
    page = open_page()
    give(page, ("a.png", astronaut()))
    expect(page.locator("#list li")).to_contain_text(re.compile("Next try in (300|299) s"))
    page.get_by_role("button", name="Try now a.png").click()
    expect(page.locator("#shown")).to_have_text("a.png")


def test_a_server_that_is_gone_is_asked_again_until_it_is_back(
    open_page: OpenPage, service: Service
) -> None:
    page = open_page()
    service.down = True
    give(page, ("a.png", astronaut()))
    row = page.locator("#list li[data-phase=offline]")
    expect(row).to_contain_text("The server cannot be reached. Next try in")
    service.down = False
    page.get_by_role("button", name="Try now a.png").click()
    expect(page.locator("#shown")).to_have_text("a.png")


def test_a_server_that_goes_while_a_file_is_measured_is_asked_again(
    open_page: OpenPage, service: Service
) -> None:
    service.steps = ({"state": "running"},) * 3
    page = open_page()
    give(page, ("a.png", astronaut()))
    expect(page.locator("#list .state")).to_contain_text("Being measured")
    service.down = True
    expect(page.locator("#list li[data-phase=offline]")).to_be_visible()
    service.down = False
    expect(page.locator("#shown")).to_have_text("a.png")


def test_a_connection_that_ends_while_the_server_lives_is_a_refusal(
    open_page: OpenPage, service: Service
) -> None:
    service.answers = ["cut"] * 20  # a browser repeats a request that was not answered at all
    page = open_page()
    give(page, ("a.png", astronaut()))
    row = page.locator("#list li[data-phase=failed]")
    expect(row).to_contain_text("ended the connection while the file was sent")


def test_a_result_that_is_kept_no_more_is_said_to_be_gone(
    open_page: OpenPage, service: Service
) -> None:
    page = open_page(service.address + "#r=id-9-gone")
    row = page.locator("#list li[data-phase=gone]")
    expect(row).to_contain_text("There is no such result.")
    page.get_by_role("button", name="Remove").click()
    expect(page.locator("#list li")).to_have_count(0)
    assert service.deleted == []


def test_a_result_that_expires_while_it_is_shown_goes(
    open_page: OpenPage, service: Service
) -> None:
    known = service.add("a.png", astronaut())
    page = open_page()
    page.clock.install(time="2026-01-03T02:00:00Z")
    page.goto(f"{service.address}#r={known}")
    page.clock.run_for(5000)
    expect(page.locator("#shown")).to_have_text("a.png")
    service.results.clear()
    page.clock.run_for(3_900_000)
    expect(page.locator("#list li[data-phase=gone]")).to_have_count(1)
    expect(page.locator("#result")).to_be_empty()


def test_a_token_that_is_asked_for_lets_everything_in(
    open_page: OpenPage, service: Service
) -> None:
    known = service.add("kept.png", astronaut())
    service.token = "t" * 20
    page = open_page(f"{service.address}#r={known}")
    # The service's own sentence names a header, which is for programs.
    expect(page.locator("#list")).to_contain_text("This server asks for its access token.")
    field = page.get_by_role("textbox", name="access token")
    field.fill("wrong")
    page.get_by_role("button", name="Use it").click()
    expect(page.locator("#token-note")).to_have_text("This is not the token.")
    field.fill(service.token)
    page.get_by_role("button", name="Use it").click()
    expect(page.locator("#shown")).to_have_text("kept.png")
    expect(page.locator("#locked")).to_be_hidden()
    expect(page.locator(".plane img").first).to_have_js_property("complete", True)
    assert page.evaluate("document.querySelector('.plane img').naturalWidth") == 512
    assert page.evaluate("document.cookie") == ""


def test_files_of_a_result_that_do_not_load_are_named(
    open_page: OpenPage, service: Service
) -> None:
    known = service.add("a.png", astronaut())
    kind, _, more = service.kept[known].files["values.bin"]
    service.damage = {"values.bin": (kind, b"short", more)}
    page = open_page(f"{service.address}#r={known}")
    page.locator(".viewer").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".reading")).to_have_text("Could not be loaded: the values of the map.")


@pytest.mark.parametrize("arrives", [True, False])
def test_a_place_that_is_read_before_the_values_are_there_is_said_once_they_come_or_fail(
    open_page: OpenPage, service: Service, arrives: bool
) -> None:
    known = service.add("a.png", astronaut())
    page = open_page()
    held: list[Route] = []
    page.route("**/values.bin", lambda route: held.append(route))  # noqa: PLW0108  # it must hold attributes
    page.goto(f"{service.address}#r={known}")
    page.reload()
    page.locator(".viewer").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".reading")).to_have_text("The values of the map are being loaded.")
    assert held
    if arrives:
        held[-1].continue_()
        said = re.compile(r"Column \d+, row \d+: .*confidence \d+ %\.")
    else:
        held[-1].abort()
        said = re.compile(r"Could not be loaded: the values of the map\.")
    expect(page.locator(".reading")).to_have_text(said)
    expect(page.locator(".pictures [aria-live]")).to_have_text(said)
