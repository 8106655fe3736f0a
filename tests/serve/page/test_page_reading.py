"""The map is read under the cursor and by keyboard, and its pictures move together."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from blurprint.faces.face import LANDMARKS, Face
from blurprint.faces.find import FaceBox
from blurprint.faces.outline import INNER, outline
from blurprint.faces.regions import SURROUND
from page_service import Service, astronaut, made, softened

pytestmark = pytest.mark.slow

OpenResults = Callable[..., Page]

VIEW = """() => {
  const plane = document.querySelector(".plane");
  const { a, e, f } = new DOMMatrix(getComputedStyle(plane).transform);
  return [a, -e / plane.parentElement.clientWidth / a, -f / plane.parentElement.clientHeight / a];
}"""


def zoom_and_place(page: Page) -> tuple[float, float, float]:
    zoom, left, top = page.evaluate(VIEW)
    return zoom, left, top


def point_at(page: Page, x: float, y: float) -> None:
    """The mouse at shares of the first picture."""
    page.locator(".viewer").first.evaluate("(one) => one.scrollIntoView({ block: 'center' })")
    box = page.locator(".viewer").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])


def words_of(x: float, y: float) -> str:
    """What the page must say of a place, from the values themselves."""
    planes = made(astronaut()).planes.astype(np.float32)
    _, height, width = planes.shape
    sigma, confidence = planes[:, int(y * height), int(x * width)]
    percent = min(round(100 * float(confidence)), 100 if confidence >= 0.5 else 49)
    if percent == 0:
        return "unknown (confidence 0 %)."
    blur = f"blur {sigma:.2f} px, confidence {percent} %."
    return blur if confidence >= 0.5 else f"not measured; a guess is {blur}"


def test_the_cursor_reads_the_values_and_keys_go_on_from_there(open_results: OpenResults) -> None:
    page = open_results(("a.png", astronaut()))
    reading = page.locator(".reading")
    for x, y in [(0.43, 0.22), (0.85, 0.1), (0.1, 0.9), (0.6, 0.02)]:
        point_at(page, x, y)
        expect(reading).to_contain_text(words_of(x, y))
    spoken = page.locator(".pictures [aria-live=polite]")
    expect(spoken).to_be_empty()  # a moving mouse is not read out
    point_at(page, 100.5 / 512, 200.5 / 512)
    expect(reading).to_contain_text("Column 100, row 200:")
    page.locator(".viewer").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    expect(spoken).to_have_text(f"Column 101, row 210: {words_of(101.5 / 512, 210.5 / 512)}")
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("ArrowUp")
    expect(spoken).to_contain_text("Column 91, row 209:")
    for _ in range(20):
        page.keyboard.press("Shift+ArrowLeft")
    expect(spoken).to_contain_text("Column 0, row 209:")


def test_of_a_reduced_picture_native_pixels_are_told_as_well(
    open_results: OpenResults, service: Service
) -> None:
    service.change = lambda report: report["input"].update(scale=0.5)
    page = open_results(("a.png", astronaut()))
    point_at(page, 0.43, 0.22)
    reading = page.locator(".reading")
    sigma, confidence = made(astronaut()).planes[:, 112, 220].astype(float)
    expect(reading).to_contain_text(f"px native), confidence {100 * confidence:.0f} %.")
    told = re.search(r"blur ([\d.]+) px \(([\d.]+) px native\)", reading.inner_text())
    assert told is not None
    assert float(told[1]) == pytest.approx(sigma, abs=0.0051)
    assert float(told[2]) == pytest.approx(2 * sigma, abs=0.0051)
    labels = page.locator(".colours text").all_text_contents()
    assert "px" in labels
    assert "px native" in labels


def test_a_map_without_pixels_has_its_own_unit(open_results: OpenResults, service: Service) -> None:
    def in_units(report: dict[str, Any]) -> None:
        report["method"] = {"name": "paper", "unit": "map units", "weights": None}
        report["defocus"]["histogram"]["edges"][-1] = 0.1 + 0.05

    service.change = in_units
    page = open_results(("a.png", astronaut()))
    expect(page.locator(".colours figcaption")).to_contain_text("from 0 to 0.15 map units;")
    point_at(page, 0.43, 0.22)
    sigma = float(made(astronaut()).planes[0, 112, 220])
    expect(page.locator(".reading")).to_have_text(f"Column 220, row 112: {sigma:.3g} map units.")


def test_what_is_no_photograph_and_what_is_unknown_is_said(
    open_results: OpenResults, service: Service
) -> None:
    planes = made(astronaut()).planes.copy()
    planes[:, :100] = np.nan
    planes[1, 100:200] = 0
    planes[1, 200:300] = 0.3
    kind, _, more = made(astronaut()).files["values.bin"]
    service.damage = {"values.bin": (kind, planes.tobytes(), more)}
    page = open_results(("a.png", astronaut()))
    for y, words in [(50, "no photograph."), (150, "unknown (confidence 0 %)."), (250, "a guess")]:
        point_at(page, 0.5, y / 512)
        expect(page.locator(".reading")).to_contain_text(words)


def test_zoom_and_pan_by_keys_wheel_and_drag(open_results: OpenResults) -> None:
    page = open_results(("a.png", astronaut()))
    viewer = page.locator(".viewer")
    point_at(page, 0.5, 0.5)
    start = page.evaluate("scrollY")
    page.mouse.wheel(0, 300)  # over a picture that is not in use it scrolls the page
    page.wait_for_function("(start) => scrollY > start", arg=start)
    assert zoom_and_place(page)[0] == 1
    viewer.focus()
    page.keyboard.press("+")
    assert zoom_and_place(page)[0] == pytest.approx(2)
    page.keyboard.press("0")
    assert zoom_and_place(page) == pytest.approx((1, 0, 0))
    point_at(page, 0.25, 0.25)
    page.mouse.wheel(0, -100)
    page.mouse.wheel(0, -100)
    page.wait_for_function("() => document.querySelector('.viewer').classList.contains('closer')")
    zoom, left, _ = zoom_and_place(page)
    assert zoom >= 1.25
    # What was under the cursor stays there.
    assert left == pytest.approx(0.25 * (1 - 1 / zoom), abs=0.01)
    page.keyboard.press("+")
    page.keyboard.press("+")
    before = zoom_and_place(page)
    point_at(page, 0.5, 0.5)
    page.mouse.down()
    point_at(page, 0.4, 0.6)
    page.mouse.up()
    after = zoom_and_place(page)
    assert after[1] - before[1] == pytest.approx(0.1 / before[0], abs=0.005)
    assert after[2] - before[2] == pytest.approx(max(-0.1 / before[0], -before[2]), abs=0.005)
    page.get_by_role("button", name="Show the whole picture").click()
    assert zoom_and_place(page) == pytest.approx((1, 0, 0))
    for _ in range(9):
        page.get_by_role("button", name="Zoom in").click()
    assert zoom_and_place(page)[0] == pytest.approx(16)


def test_two_fingers_zoom(open_results: OpenResults) -> None:
    page = open_results(("a.png", astronaut()), width=360, has_touch=True, is_mobile=True)
    page.locator(".viewer").scroll_into_view_if_needed()
    box = page.locator(".viewer").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    touch = page.context.new_cdp_session(page)

    def fingers(kind: str, apart: float | None) -> None:
        points = [] if apart is None else [{"x": x - apart, "y": y}, {"x": x + apart, "y": y}]
        named = [{**point, "id": index} for index, point in enumerate(points)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": named})

    fingers("touchStart", 20)
    for apart in (25, 30, 40, 50, 60):
        fingers("touchMove", apart)
    fingers("touchEnd", None)
    page.wait_for_function("() => document.querySelector('.viewer').classList.contains('closer')")
    zoom, left, _ = zoom_and_place(page)
    assert zoom == pytest.approx(3, abs=0.3)
    assert left == pytest.approx(0.5 - 0.5 / zoom, abs=0.03)


def test_the_map_fades_and_outlines_go(open_results: OpenResults) -> None:
    page = open_results(("a.png", astronaut()))
    slider = page.get_by_label("Map over the photograph")
    slider.fill("20")
    expect(page.locator(".plane .map")).to_have_css("opacity", "0.2")
    slider.press("ArrowRight")
    expect(page.locator(".tools output")).to_have_text("21 %")
    expect(page.locator(".outlines")).to_be_visible()
    page.get_by_label("Outlines of faces").uncheck()
    expect(page.locator(".outlines")).to_be_hidden()


def test_outlines_lie_where_the_face_was_measured(open_results: OpenResults) -> None:
    page = open_results(("a.png", astronaut()))
    told = made(astronaut()).report["faces"][0]
    marks = [told["landmarks"][name.replace(" ", "_")] for name in LANDMARKS]
    face = Face(FaceBox(**{k: round(v) for k, v in told["box"].items()}), np.float32(marks), 1.0)
    for name, shape in [("inner", INNER), ("ring", SURROUND)]:
        points = page.locator(f".outlines .face-{name}").get_attribute("points")
        drawn = np.array(re.findall(r"[-\d.]+", points or ""), float).reshape(-1, 2)
        np.testing.assert_allclose(drawn, outline(face, np.float32(shape)), atol=0.06)
    page.get_by_role("button", name="Show face 1").click()
    zoom, left, top = zoom_and_place(page)
    box = told["box"]
    assert left < box["left"] / 512 < (box["left"] + box["width"]) / 512 < left + 1 / zoom
    assert top <= box["top"] / 512 < (box["top"] + box["height"]) / 512 < top + 1 / zoom
    assert zoom > 1.5
    expect(page.locator(".viewer")).to_be_focused()


def test_two_pictures_move_together_and_both_are_read(open_results: OpenResults) -> None:
    page = open_results(("a.png", astronaut()), ("b.png", softened()), beside=True)
    point_at(page, 0.43, 0.22)
    row = int(0.22 * 512)
    column = int(0.43 * 512)
    sigmas = [float(made(one()).planes[0, row, column]) for one in (astronaut, softened)]
    lines = page.locator(".reading span")
    expect(lines).to_have_text(
        [
            re.compile(rf"^Suspect: .*blur {sigmas[0]:.2f} px"),
            re.compile(rf"^Earlier original: .*blur {sigmas[1]:.2f} px"),
            f"Difference: −{sigmas[1] - sigmas[0]:.2f} px native.",
        ]
    )
    page.locator(".viewer").nth(1).focus()
    page.keyboard.press("+")
    matrices = page.locator(".plane").evaluate_all("(all) => all.map((one) => one.style.transform)")
    assert matrices[0] == matrices[1]
    assert "scale(2)" in matrices[0]
    page.get_by_label("Move both together").uncheck()
    page.locator(".viewer").nth(1).focus()
    page.keyboard.press("+")
    matrices = page.locator(".plane").evaluate_all("(all) => all.map((one) => one.style.transform)")
    assert "scale(2)" in matrices[0]
    assert "scale(4)" in matrices[1]


def test_two_maps_have_the_same_colours_for_the_same_blur(open_results: OpenResults) -> None:
    page = open_results(("a.png", astronaut()), ("b.png", softened()), beside=True)
    tops = [
        made(one()).report["defocus"]["histogram"]["edges"][-1] for one in (astronaut, softened)
    ]
    assert tops[0] != tops[1]
    label = page.get_by_role("img", name="Colour scale").get_attribute("aria-label")
    assert label == f"Colour scale from 0 to {max(tops):g} native pixels."
    page.wait_for_function(
        "() => [...document.querySelectorAll('canvas.map')].every((one) => one.width > 1)"
    )
    colour = "(one) => [...one.getContext('2d').getImageData(220, 112, 1, 1).data].slice(0, 3)"
    from blurprint.optics.map_picture import viridis

    for canvas, make in zip(page.locator("canvas.map").all(), (astronaut, softened), strict=True):
        sigma, confidence = made(make()).planes[:, 112, 220].astype(float)
        assert confidence >= 0.5
        expected = viridis(np.array(sigma / max(tops))).astype(int)
        assert np.abs(np.array(canvas.evaluate(colour)) - expected).max() <= 5


def wide(report: dict[str, Any]) -> None:
    report["input"] |= {"working_width": 2048, "working_height": 21, "scale": 0.5}


def test_where_a_cell_holds_many_pixels_its_value_is_said_to_be_their_mean(
    open_results: OpenResults, service: Service
) -> None:
    planes = np.full((2, 5, 512), 0.36, np.float16)
    planes[1, :, :100] = 0.56
    planes[1, :, 100:200] = 0.496
    planes[1, :, 200:300] = 0.001
    planes[:, :, 300:400] = np.nan
    kind, _, more = made(astronaut()).files["values.bin"]
    facts = more | {"X-Width": "512", "X-Height": "5"}
    service.damage = {"values.bin": (kind, planes.tobytes(), facts)}
    service.change = wide
    page = open_results(("a.png", astronaut()))
    mean = "row 10, mean of 4 × 4.2 pixels: "
    blur = "blur 0.36 px (0.72 px native), mean confidence"
    for x, words in (
        (50, f"{mean}{blur} 56 %."),
        (150, f"{mean}not measured; a guess is {blur} 49 %."),
        (250, f"{mean}unknown (mean confidence 0 %)."),
        (350, f"{mean}no photograph in half of them or more."),
    ):
        point_at(page, x / 512, 0.5)
        expect(page.locator(".reading")).to_contain_text(words)


def test_the_difference_of_means_is_said_to_be_one(
    open_results: OpenResults, service: Service
) -> None:
    def larger(report: dict[str, Any]) -> None:
        if report["input"]["source"] == "b.png":
            report["input"] |= {"working_width": 1024, "working_height": 1024}

    service.change = larger
    page = open_results(("a.png", astronaut()), ("b.png", softened()), beside=True)
    point_at(page, 0.43, 0.22)
    lines = page.locator(".reading span")
    expect(lines.nth(0)).not_to_contain_text("mean")
    expect(lines.nth(1)).to_contain_text("mean of 2 × 2 pixels")
    expect(lines.nth(2)).to_contain_text("Difference of the means: −")
