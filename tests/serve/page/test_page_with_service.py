"""The page before the real service, from the picture to what is read of it and its end."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from page_service import astronaut, give, softened
from videos import moving, write_video

pytestmark = pytest.mark.slow

OpenPage = Callable[..., Page]


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """Of a service that runs in a process of its own and asks for a token."""
    settings = {
        "BLURPRINT_FOLDER": str(tmp_path / "served"),
        "BLURPRINT_TOKEN": "only-for-this-test",
        "BLURPRINT_MAX_FILE_MB": "1",
        "BLURPRINT_WAIT_S": "60",
    }
    log = tmp_path / "log"
    with log.open("w") as target:
        process = subprocess.Popen(
            [sys.executable, "-m", "blurprint", "serve", "--port", "0", "--workers", "1"],
            stderr=target,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **settings},
        )
    try:
        end = time.monotonic() + 60
        while not (found := re.search(r'"address": "(http://[^"]+)"', log.read_text())):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.1)
        yield found[1]
    finally:
        process.terminate()
        process.wait(60)


def sign_in(page: Page) -> None:
    page.get_by_role("textbox", name="access token").fill("only-for-this-test")
    page.get_by_role("button", name="Use it").click()
    expect(page.locator("#locked")).to_be_hidden()


def test_a_video_that_is_being_measured_is_there_again_after_a_reload(
    open_page: OpenPage, address: str, tmp_path: Path
) -> None:
    clip = write_video(tmp_path / "clip.mp4", moving(24)).read_bytes()
    page = open_page(address)
    sign_in(page)
    with page.expect_response("**/v1/analyze") as answer:
        give(page, ("clip.mp4", clip))
    assert answer.value.status == 202, "the answer does not wait for the result"
    page.wait_for_function("() => location.hash.startsWith('#r=')")
    page.reload()
    expect(page.locator("#list .name")).to_have_text("clip.mp4")
    expect(page.locator("#list li[data-phase=done]")).to_have_count(1, timeout=60_000)
    expect(page.locator("#shown")).to_have_text("clip.mp4")


def test_from_the_picture_to_its_end(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    sign_in(page)
    give(
        page,
        ("portrait.png", astronaut()),
        ("soft.png", softened()),
        ("page.png", b"<html><script>alert(1)</script></html>"),
    )
    expect(page.locator("#list li[data-phase=done]")).to_have_count(2, timeout=60_000)
    failed = page.locator("#list li[data-phase=failed]")
    expect(failed).to_have_count(1)
    expect(failed).to_contain_text("page.png")
    expect(page.locator("#shown")).to_have_text("portrait.png")
    viewer = page.locator(".viewer")
    viewer.focus()
    page.keyboard.press("Shift+ArrowUp")
    spoken = page.locator(".pictures [aria-live=polite]")
    expect(spoken).to_have_text(re.compile(r"^Column 256, row 246: .*confidence \d+ %\.$"))
    images = "[...document.querySelectorAll('.plane img')].map((one) => one.naturalWidth)"
    page.wait_for_function(f"() => {images}.every((width) => width > 0)")
    assert page.evaluate(images) == [512, 512]
    with page.expect_popup() as popup:
        page.get_by_role("link", name="Report (new tab)").click()
    expect(popup.value.locator("h1")).to_have_text("portrait.png")
    with page.expect_download() as download:
        page.locator(".downloads a", has_text="(npz)").click()
    assert download.value.suggested_filename.endswith(".npz")
    page.select_option("#compare-with", index=1)
    expect(page.locator(".viewer")).to_have_count(2)
    page.get_by_role("button", name="End the comparison").click()
    page.get_by_role("button", name="Delete this result").click()
    expect(page.locator("#list li[data-phase=done]")).to_have_count(1)
    page.reload()
    expect(page.locator("#shown")).to_have_text("soft.png")
    expect(page.locator("#list li[data-phase=done]")).to_have_count(1)
