"""Pictures come in by choice, drop and paste; what becomes of each is seen."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from page_service import Service, astronaut, error, give, softened, until

pytestmark = pytest.mark.slow

OpenPage = Callable[..., Page]

EVENT = """([kind, name, data]) => {
  const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, { type: "image/png" }));
  const options = { bubbles: true, cancelable: true };
  const event = kind === "paste"
    ? new ClipboardEvent(kind, { ...options, clipboardData: transfer })
    : new DragEvent(kind, { ...options, dataTransfer: transfer });
  document.querySelector("main").dispatchEvent(event);
  return event.defaultPrevented;
}"""


def test_a_picture_that_is_dropped_or_pasted_is_analysed(
    open_page: OpenPage, service: Service
) -> None:
    page = open_page()
    data = base64.b64encode(astronaut()).decode()
    for kind in ("drop", "paste"):
        assert page.evaluate(EVENT, [kind, f"{kind}.png", data]), "the browser would open the file"
    expect(page.locator("#list li[data-phase=done]")).to_have_count(2)
    assert [one["name"] for one in service.results.values()] == ["drop.png", "paste.png"]


def test_several_pictures_are_sent_one_by_one_and_the_first_is_shown(
    open_page: OpenPage, service: Service
) -> None:
    page = open_page()
    give(page, ("a.png", astronaut()), ("b.png", softened()), ("c.png", astronaut()))
    rows = page.locator("#list li[data-phase=done]")
    expect(rows).to_have_count(3)
    assert rows.locator(".name").all_inner_texts() == ["a.png", "b.png", "c.png"]
    assert len(service.fields) == 3, "each in a request of its own, so that one fails alone"
    expect(page.locator("#shown")).to_have_text("a.png")
    page.get_by_role("button", name="Open b.png").click()
    expect(page.locator("#shown")).to_have_text("b.png")
    expect(page.locator("#shown")).to_be_focused()


def test_the_camera_of_a_phone_is_asked_for(open_page: OpenPage) -> None:
    camera = open_page().locator("#camera")
    assert camera.get_attribute("capture") == "environment"
    assert camera.get_attribute("accept") == "image/*"


def slow_upload(page: Page, bytes_a_second: int) -> None:
    page.context.new_cdp_session(page).send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": 0,
            "downloadThroughput": -1,
            "uploadThroughput": bytes_a_second,
        },
    )


def test_an_upload_shows_its_progress_and_can_be_cancelled(
    open_page: OpenPage, service: Service
) -> None:
    page = open_page()
    slow_upload(page, 100_000)
    give(page, ("a.png", astronaut()), ("b.png", softened()))
    row = page.locator("#list li").first
    expect(row).to_contain_text(re.compile(r"Being sent: [1-9]\d? %\."))
    share = row.locator("progress").evaluate("(one) => one.value")
    assert 0 < share < 1
    expect(page.locator("#list li").nth(1)).to_contain_text("Waiting to be sent.")
    slow_upload(page, -1)
    page.get_by_role("button", name="Cancel a.png").click()
    expect(page.locator("#shown")).to_have_text("b.png")
    assert [one["name"] for one in service.results.values()] == ["b.png"]


def test_place_in_the_queue_and_progress_are_shown_until_the_result_is_there(
    open_page: OpenPage, service: Service
) -> None:
    step = {"step": "measuring blur", "share": 0.1}
    service.steps = (
        {"state": "queued", "position": 2},
        {"state": "queued", "position": 1},
        {"state": "running", "progress": step},
        {"state": "running", "progress": step | {"share": 0.4, "frames_done": 9, "frames": 24}},
    )
    page = open_page()
    seen: list[str] = []
    page.expose_function("note", lambda line: seen.insert(len(seen), line))
    page.evaluate(
        """() => new MutationObserver(() => {
          const state = document.querySelector("#list .state");
          if (state) window.note(state.textContent);
        }).observe(document.getElementById("list"), { subtree: true, childList: true })"""
    )
    give(page, ("a.png", astronaut()))
    expect(page.locator("#shown")).to_be_visible()
    for words in ("place 2", "place 1", "blur, 10 % done", "blur, 9 of 24 frames, 40 % done"):
        assert any(words in line for line in seen), (words, seen)
    assert page.locator("#list progress").is_hidden()


def test_what_waits_in_the_queue_can_be_cancelled(open_page: OpenPage, service: Service) -> None:
    service.steps = ({"state": "queued", "position": 7},) * 100
    page = open_page()
    give(page, ("a.png", astronaut()))
    expect(page.locator("#list .state")).to_contain_text("place 7")
    cancel = page.get_by_role("button", name="Cancel a.png")
    cancel.focus()
    until(lambda: min(service.asked.values()) >= 4)
    expect(cancel).to_be_focused()  # though the row was drawn anew
    page.keyboard.press("Enter")
    expect(page.locator("#list li")).to_have_count(0)
    expect(page.locator("#choose")).to_be_focused()
    assert len(service.deleted) == 1
    assert page.evaluate("location.hash") == ""


def test_a_result_is_deleted_on_the_server_and_leaves_the_page(
    open_page: OpenPage, service: Service
) -> None:
    page = open_page()
    give(page, ("a.png", astronaut()))
    page.get_by_role("button", name="Delete this result").click()
    expect(page.locator("#result")).to_be_empty()
    assert service.results == {}
    expect(page.locator("#status")).to_have_text("a.png is deleted.")


def test_results_come_back_after_reload_and_by_a_link(
    open_page: OpenPage, service: Service
) -> None:
    page = open_page()
    give(page, ("a.png", astronaut()), ("b.png", softened()))
    expect(page.locator("#list li[data-phase=done]")).to_have_count(2)
    page.get_by_role("button", name="Open b.png").click()
    page.reload()
    expect(page.locator("#shown")).to_have_text("b.png")
    expect(page.locator("#list li")).to_have_count(2)
    other = open_page(page.locator("#share-link").input_value())
    expect(other.locator("#shown")).to_have_text("b.png")
    expect(other.locator("#list li")).to_have_count(1)
    page.go_back()
    expect(page.locator("#shown")).to_have_text("a.png")


def test_the_page_says_how_long_results_are_kept(open_page: OpenPage) -> None:
    page = open_page(locale="en-GB", timezone_id="UTC")
    expect(page.locator(".intake")).to_contain_text("stay on this server")
    expect(page.locator("#keep-hours")).to_contain_text(" at the latest after 24 hours.")
    expect(page.locator("#keep")).not_to_be_visible()
    give(page, ("a.png", astronaut()))
    expect(page.locator("#list .state")).to_contain_text("Kept until 3 Jan 2026, 03:04")


def test_method_and_prior_go_with_the_file(open_page: OpenPage, service: Service) -> None:
    page = open_page()
    page.get_by_text("Method and prior").click()
    page.select_option("#method", "edge")
    give(page, ("a.png", astronaut()))
    expect(page.locator("#shown")).to_be_visible()
    assert service.fields == [{"prior": "0.5", "method": "edge"}]


def test_the_fields_are_those_at_which_a_file_was_added(
    open_page: OpenPage, service: Service
) -> None:
    page = open_page()
    expect(page.locator("#hours")).to_contain_text("24")  # the methods are known
    slow_upload(page, 400_000)
    give(page, ("a.png", astronaut()), ("b.png", softened()))
    page.get_by_text("Method and prior").click()
    page.select_option("#method", "edge")
    page.get_by_label("Prior, how probable").fill("2")
    expect(page.locator("#list li").nth(1)).to_contain_text("Method net, prior 50 %.")
    slow_upload(page, -1)
    expect(page.locator("#list li[data-phase=done]")).to_have_count(2)
    assert service.fields == [{"prior": "0.5"}] * 2
    give(page, ("c.png", astronaut()))
    expect(page.locator("#list li[data-phase=done]")).to_have_count(3)
    assert service.fields[2] == {"prior": "0.02", "method": "edge"}


@pytest.mark.parametrize("prior", ["150", "0", "100", "", "-3"])
def test_an_invalid_prior_stops_the_upload_and_is_seen_beside_it(
    open_page: OpenPage, service: Service, prior: str
) -> None:
    known = service.add("kept.png", astronaut())
    page = open_page(f"{service.address}#r={known}&show={known}")
    field = page.get_by_label("Probability before the measurement")
    chosen = page.locator("#chosen")
    expect(chosen).to_have_text("method net, prior 50 %")
    field.fill("99")
    expect(chosen).to_have_text("method net, prior 99 %")
    field.fill(prior)
    expect(chosen).to_contain_text("above 0 and below 100 %: no file is sent")
    expect(page.locator(".posterior")).to_contain_text("Until it does, no file is sent.")
    give(page, ("a.png", astronaut()))
    row = page.locator("#list li[data-phase=failed]")
    expect(row).to_contain_text(re.compile(r"Not sent: .* above 0 and below 100 %\."))
    assert service.fields == []
    other = page.locator("#prior-next")
    expect(other).to_have_value(prior)
    expect(other).to_have_attribute("aria-invalid", "true")
    page.get_by_text("Method and prior").click()
    other.fill("0.0000000001")
    expect(field).to_have_value("0.0000000001")
    expect(chosen).to_have_text("method net, prior less than 0.000000001 %")
    page.get_by_role("button", name="Try again a.png").click()
    expect(page.locator("#list li[data-phase=done]")).to_have_count(2)
    assert [float(one["prior"]) for one in service.fields] == [pytest.approx(1e-12)]


def test_names_are_text(open_page: OpenPage, service: Service) -> None:
    name = "<img src=x onerror=document.title='taken'>\u202egnp.exe"
    service.change = lambda report: report["finding"].update(score="<b>bold</b>")
    page = open_page()
    give(page, (name, astronaut()))
    shown = page.locator("#shown")
    expect(shown).to_have_text("<img src=x onerror=document.title='taken'>\\u202egnp.exe")
    assert page.locator("#list img[src=x], #result img[src=x]").count() == 0
    expect(page.locator(".finding p").first).to_have_text("<b>bold</b>")
    assert page.title() != "taken"


def test_what_was_sent_whole_is_deleted_though_its_answer_is_still_to_come(
    open_page: OpenPage, service: Service
) -> None:
    service.slow = 1.0
    page = open_page()
    give(page, ("a.png", astronaut()))
    expect(page.locator("#list .state")).to_contain_text("Sent.")
    page.get_by_role("button", name="Cancel a.png").click()
    expect(page.locator("#list li")).to_have_count(0)
    until(lambda: len(service.deleted) == 1)


def test_a_file_that_fails_takes_no_other_with_it(open_page: OpenPage, service: Service) -> None:
    service.answers = [error(422, "invalid", "This is no picture.")]
    page = open_page()
    give(page, ("bad.png", b"no picture"), ("good.png", astronaut()))
    expect(page.locator("#shown")).to_have_text("good.png")
    bad = page.locator("#list li[data-phase=failed]")
    expect(bad).to_contain_text("This is no picture.")
