"""Leaving the page loses no file without a question, and no result of a file that was sent."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from page_service import Answer, Service, astronaut, error, give, softened, until

pytestmark = pytest.mark.slow

OpenPage = Callable[..., Page]

ASKED = """() => {
  const event = new Event("beforeunload", { cancelable: true });
  window.dispatchEvent(event);
  return event.defaultPrevented;
}"""


def is_asked(page: Page) -> bool:
    """Whether whoever leaves the page now is asked first."""
    return bool(page.evaluate(ASKED))


def test_the_id_is_in_the_address_while_the_result_is_still_to_come(
    open_page: OpenPage, service: Service
) -> None:
    service.wait = 300.0
    service.steps = ({"state": "running"},) * 1000
    page = open_page()
    give(page, ("a.png", astronaut()), ("b.png", softened()))
    page.wait_for_function("() => /r=id-1.*id-2/.test(location.hash)", timeout=15_000)
    expect(page.locator("#list li[data-phase=running]")).to_have_count(2)
    assert not is_asked(page)
    page.reload()
    expect(page.locator("#list .name")).to_have_text(["a.png", "b.png"])
    service.steps = ()
    expect(page.locator("#list li[data-phase=done]")).to_have_count(2)
    assert len(service.results) == 2


def test_whoever_leaves_before_a_file_is_taken_in_is_asked(
    open_page: OpenPage, service: Service
) -> None:
    service.slow = 2.0
    page = open_page()
    assert not is_asked(page)
    give(page, ("a.png", astronaut()), ("b.png", softened()))
    expect(page.locator("#list .state").first).to_contain_text("Sent.")
    page.get_by_role("heading", name="Add pictures").click()  # a browser asks who did something
    with page.expect_event("dialog", timeout=5000) as asked:
        page.close(run_before_unload=True)
    assert asked.value.type == "beforeunload"
    asked.value.dismiss()
    expect(page.locator("#list li[data-phase=done]")).to_have_count(2)
    assert not is_asked(page)


@pytest.mark.parametrize(
    ("phase", "answer"),
    [
        ("busy", error(429, "queue_full", "Busy.", Retry_After="300")),
        ("locked", error(401, "unauthorized", "The token is missing or wrong.")),
    ],
)
def test_what_waits_for_a_busy_server_or_a_token_would_be_lost_too(
    open_page: OpenPage, service: Service, phase: str, answer: Answer
) -> None:
    service.answers = [answer]
    page = open_page()
    give(page, ("a.png", astronaut()))
    expect(page.locator(f"#list li[data-phase={phase}]")).to_be_visible()
    assert is_asked(page)
    page.get_by_role("button", name="Cancel a.png").click()
    expect(page.locator("#list li")).to_have_count(0)
    assert not is_asked(page)


def test_what_was_cancelled_after_it_was_sent_is_not_left_behind(
    open_page: OpenPage, service: Service
) -> None:
    service.slow = 2.0
    page = open_page()
    give(page, ("a.png", astronaut()))
    expect(page.locator("#list .state")).to_contain_text("Sent.")
    page.get_by_role("button", name="Cancel a.png").click()
    expect(page.locator("#list li")).to_have_count(0)
    assert is_asked(page), "its id, by which it is deleted, is still to come"
    until(lambda: len(service.deleted) == 1)
    page.wait_for_function(f"() => !({ASKED})()")


def test_of_very_many_results_the_newest_are_shown_and_all_stay_in_the_address(
    open_page: OpenPage, service: Service
) -> None:
    ids = [f"id-{number}-gone" for number in range(201)]
    page = open_page(f"{service.address}#r={','.join(ids)}")
    words = "Of 201 results in the address 200 are shown."
    expect(page.locator("#trouble")).to_have_text(words)
    expect(page.locator("#list li")).to_have_count(200)
    assert page.evaluate("location.hash") == f"#r={'%2C'.join(ids)}"
    give(page, ("a.png", astronaut()))
    page.get_by_role("button", name="Open a.png").click()
    page.reload()
    expect(page.locator("#shown")).to_have_text("a.png")


def test_what_is_looked_at_is_shown_though_it_is_the_oldest_of_very_many(
    open_page: OpenPage, service: Service
) -> None:
    oldest = service.add("old.png", astronaut())
    ids = [oldest, *(f"id-{number}-gone" for number in range(300))]
    page = open_page(f"{service.address}#r={','.join(ids)}&show={oldest}")
    expect(page.locator("#shown")).to_have_text("old.png")
    expect(page.locator("#list li")).to_have_count(200)


def test_what_could_not_be_deleted_says_so_and_goes_on(
    open_page: OpenPage, service: Service
) -> None:
    service.steps = (*[{"state": "queued", "position": 1}] * 6,)
    service.keeps = True
    page = open_page()
    give(page, ("a.png", astronaut()))
    page.get_by_role("button", name="Cancel a.png").click()
    words = "a.png is not deleted. The disc does not answer."
    expect(page.locator("#trouble")).to_have_text(words)
    expect(page.locator("#list li[data-phase=done]")).to_have_count(1)


def test_going_back_brings_nothing_back_that_was_deleted(
    open_page: OpenPage, service: Service
) -> None:
    page = open_page()
    give(page, ("a.png", astronaut()), ("b.png", astronaut()))
    expect(page.locator("#list li[data-phase=done]")).to_have_count(2)
    for name in ("b.png", "a.png"):
        page.get_by_role("button", name=f"Open {name}").click()
    page.get_by_role("button", name="Delete a.png").click()
    expect(page.locator("#list li")).to_have_count(1)
    page.go_back()
    expect(page.locator("#shown")).to_have_text("b.png")
    expect(page.locator("#list li")).to_have_count(1)
