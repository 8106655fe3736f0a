"""The page in Debian's Chromium, before a service that answers as the test wants."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from chromium import running_browser
from page_service import Service, handler_of

expect.set_options(timeout=20_000)


# Of a module: while Playwright runs, no other test of the thread can run an event loop.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as browser:
        yield browser


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(service))
    service.address = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield service
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def open_page(browser: Browser, service: Service) -> Iterator[Callable[..., Page]]:
    """Opens the page; every error of its scripts and every refusal by its policy fails the test."""
    faults: list[str] = []
    contexts: list[BrowserContext] = []

    def opened(address: str = "", *, width: int = 1280, dark: bool = False, **more: Any) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            **more,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.on(
            "console",
            lambda said: faults.append(said.text) if "Content Security" in said.text else None,
        )
        page.goto(address or service.address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def open_results(open_page: Callable[..., Page], service: Service) -> Callable[..., Page]:
    """Opens the page with results that are there already; the first is shown, and has loaded."""

    def opened(
        *files: tuple[str, bytes], beside: bool = False, loaded: bool = True, **more: Any
    ) -> Page:
        ids = [service.add(name, content) for name, content in files]
        address = f"{service.address}#r={','.join(ids)}&show={ids[0]}"
        page = open_page(address + (f"&beside={ids[1]}" if beside else ""), **more)
        if loaded:
            page.wait_for_function(LOADED)
        return page

    return opened


LOADED = """() => {
  const viewers = [...document.querySelectorAll(".viewer")];
  const images = [...document.querySelectorAll(".plane img")];
  return viewers.length > 0 && images.every((image) => image.complete && image.naturalWidth);
}"""
