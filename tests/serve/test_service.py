"""The life of results: waiting, queues, lost processes, expiry, restarts."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from typing import Any

import pytest

from blurprint.errors import OutputError
from blurprint.serve.store import DONE, QUEUED, Entry, Store
from served import acting_service, client_of, sent


def poll(client: Any, link: str, until: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        state = client.get(link).json()
        if until(state):
            return state
        time.sleep(0.02)
    raise AssertionError(f"stays {state}")


def is_over(state: dict[str, Any]) -> bool:
    return state["state"] in ("done", "failed")


def test_long_work_is_answered_with_its_address(tmp_path):
    with client_of(acting_service(tmp_path, wait_s=0.3)) as client:
        answer = client.post("/v1/analyze", files=sent("sleep 1", "b"))
        assert answer.status_code == 202
        first, second = answer.json()["results"]
        assert answer.headers["location"] == first["links"]["self"]
        assert second["state"] == "queued"
        poll(client, first["links"]["self"], lambda state: state["state"] == "running")
        waiting = client.get(second["links"]["self"]).json()
        assert (waiting["state"], waiting["position"]) == ("queued", 1)
        running = client.get(first["links"]["self"]).json()
        assert running["progress"] == {"step": "reading", "share": 0.02}
        filmed = client.post("/v1/analyze", files=sent("frames 6 24")).json()["results"][0]
        early = client.get(f"{second['links']['self']}/map.png")
        assert (early.status_code, early.json()["error"]["code"]) == (409, "not_done")
        done = poll(client, second["links"]["self"], is_over)
        assert done["report"] == {"word": "b"}
        assert "position" not in done

        # Of a video it is said how many of its frames are measured.
        link = filmed["links"]["self"]
        one = poll(client, link, lambda state: "frames" in state.get("progress", {}))
        expected = {"step": "measuring blur", "share": 0.287, "frames_done": 6, "frames": 24}
        assert one["progress"] == expected
        poll(client, link, is_over)

        # A file that waits can be taken back, and one that is analysed is dropped afterwards.
        answer = client.post("/v1/analyze", files=sent("sleep 0.7", "b"))
        links = [one["links"]["self"] for one in answer.json()["results"]]
        service = client.app.state.service
        poll(client, links[0], lambda state: state["state"] == "running")
        assert [client.delete(link).status_code for link in reversed(links)] == [204, 204]
        assert [client.get(link).status_code for link in links] == [404, 404]
        assert client.post("/v1/analyze", files=sent("c")).status_code in (200, 202)
        until = time.monotonic() + 20
        while service.pool.running or service.pool.waiting:
            assert time.monotonic() < until
            time.sleep(0.02)
        left = {path.name for path in service.store.results.iterdir()}
        assert not left & {link.rpartition("/")[2] for link in links}
        assert list(service.store.uploads.iterdir()) == []


def test_a_lost_process_loses_one_file_and_says_so(tmp_path):
    with client_of(acting_service(tmp_path, wait_s=30, timeout_s=1)) as client:
        words = ("a", "kill", "b", "sleep 20", "fail is bad", "bug x", "c")
        answer = client.post("/v1/analyze", files=sent(*words))
        assert answer.status_code == 200
        results = answer.json()["results"]
        codes = [one.get("error", {}).get("code") for one in results]
        assert codes == [None, "worker_died", None, "timeout", "unreadable", "worker_died", None]
        assert "1 s" in results[3]["error"]["message"]
        assert results[4]["error"]["message"] == "is bad"
        assert [one["name"] for one in results] == [f"{n}.jpg" for n in range(7)]
        store = client.app.state.service.store
        assert list(store.uploads.iterdir()) == []
        assert len(list(store.results.iterdir())) == 3
        metrics = client.get("/metrics").text
        assert 'blurprint_processes_lost_total{reason="timeout"} 1.0' in metrics


def test_a_video_may_take_longer(tmp_path):
    service = acting_service(tmp_path, timeout_s=3, video_timeout_s=5)
    for result, content in (("a" * 32, b"\0\0\0\x18ftypmp42"), ("b" * 32, b"\xff\xd8\xff\xe0")):
        service.store.upload_of(result).write_bytes(content)
    assert service._job(entry("a" * 32)).seconds == 5
    assert service._job(entry("b" * 32)).seconds == 3
    assert service._job(entry("c" * 32)).seconds == 3
    service.store.close()


def test_a_full_queue_says_when_to_come_again(tmp_path):
    with client_of(acting_service(tmp_path, wait_s=0, queue=1)) as client:
        assert client.post("/v1/analyze", files=sent(*"abc")).status_code == 413
        held = client.post("/v1/analyze", files=sent("sleep 1")).json()["results"][0]
        poll(client, held["links"]["self"], lambda state: state["state"] == "running")
        assert client.post("/v1/analyze", files=sent("b")).status_code == 202
        full = client.post("/v1/analyze", files=sent("c"))
        assert (full.status_code, full.json()["error"]["code"]) == (429, "queue_full")
        assert 1 <= int(full.headers["retry-after"]) <= 600
        service = client.app.state.service
        poll(client, held["links"]["self"], is_over)
        assert len(service.store.in_state(QUEUED)) <= 1
        service.refuse()
        stopping = client.post("/v1/analyze", files=sent("d"))
        assert (stopping.status_code, stopping.json()["error"]["code"]) == (503, "stopping")
        assert client.get("/v1/readyz").status_code == 503
        assert {path.name for path in service.store.uploads.iterdir()} <= {
            one.id for one in service.store.in_state(QUEUED)
        }


def test_what_cannot_be_stored_is_said(tmp_path, monkeypatch):
    with client_of(acting_service(tmp_path, wait_s=20)) as client:
        service = client.app.state.service

        def full(_: str) -> bool:
            raise sqlite3.OperationalError("database or disk is full")

        monkeypatch.setattr(service.store, "set_done", full)
        state = client.post("/v1/analyze", files=sent("a")).json()["results"][0]
        assert (state["state"], state["error"]["code"]) == ("failed", "no_room")
        assert client.get(state["links"]["self"]).json()["error"]["code"] == "no_room"
        monkeypatch.setattr(service.store, "add", full)
        answer = client.post("/v1/analyze", files=sent("a"))
        assert (answer.status_code, answer.json()["error"]["code"]) == (507, "no_room")
        monkeypatch.undo()
        assert client.post("/v1/analyze", files=sent("b")).json()["results"][0]["state"] == "done"


def test_too_many_senders_at_a_time(tmp_path):
    service = acting_service(tmp_path, uploads=1)
    client = client_of(service)
    with service.sending():
        answer = client.post("/v1/analyze", files=sent("a"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "too_many_uploads")
    assert int(answer.headers["retry-after"]) >= 1
    service.store.close()


def test_a_restart_goes_on_with_what_waited(tmp_path):
    first = acting_service(tmp_path, wait_s=0, drain_s=0.2)
    with client_of(first) as client:
        done = client.post("/v1/analyze", files=sent("a")).json()["results"][0]["links"]["self"]
        poll(client, done, is_over)
        answer = client.post("/v1/analyze", files=sent("sleep 60", "b", "c"))
        running, waiting, lost = [one["links"]["self"] for one in answer.json()["results"]]
        poll(client, running, lambda state: state["state"] == "running")
        with pytest.raises(OutputError, match="in use by another"):
            acting_service(tmp_path)
    first_uploads = first.store.uploads
    (first_uploads / lost.rpartition("/")[2]).unlink()
    (first_uploads / ("s" * 32)).write_bytes(b"x")
    (first.store.results / ("s" * 32)).mkdir()
    with client_of(acting_service(tmp_path, wait_s=0)) as client:
        assert client.get(done).json()["report"] == {"word": "a"}
        state = client.get(running).json()
        assert (state["state"], state["error"]["code"]) == ("failed", "interrupted")
        assert client.get(lost).json()["error"]["code"] == "interrupted"
        assert poll(client, waiting, is_over)["report"] == {"word": "b"}
        assert list(first_uploads.iterdir()) == []
        assert not (first.store.results / ("s" * 32)).exists()


def test_a_killed_service_leaves_a_folder_that_can_be_used(tmp_path):
    store = Store(tmp_path / "served", keep_seconds=60, keep_bytes=10**9)
    store.add([entry("a" * 32, state="running"), entry("b" * 32)])
    store.upload_of("b" * 32).write_bytes(b"hello")
    store.close()
    with client_of(acting_service(tmp_path)) as client:
        assert client.get(f"/v1/results/{'a' * 32}").json()["error"]["code"] == "interrupted"
        assert poll(client, f"/v1/results/{'b' * 32}", is_over)["report"] == {"word": "hello"}


def entry(result: str, *, state: str = QUEUED, created: float = 0.0, age: float = 4e9) -> Entry:
    return Entry(
        id=result,
        name="x",
        state=state,
        created=created,
        expires=created + age,
        method="net",
        prior=0.5,
    )


@pytest.fixture
def store(tmp_path):
    with_files = Store(tmp_path / "store", keep_seconds=100, keep_bytes=50_000)
    yield with_files
    with_files.close()


def finish(store: Store, result: str, size: int) -> None:
    store.add([entry(result, created=float(size))])
    store.files_of(result).mkdir()
    (store.files_of(result) / "map.png").write_bytes(b"x" * size)
    assert store.set_done(result)


def test_entries_are_added_all_or_none(store):
    store.add([entry("a")])
    with pytest.raises(sqlite3.IntegrityError):
        store.add([entry("b"), entry("a")])
    assert [one.id for one in store.in_state(QUEUED)] == ["a"]


def test_results_are_bounded_by_size_the_oldest_go_first(store):
    for number, size in enumerate((20_001, 20_002, 20_003)):
        finish(store, f"r{number}", size)
    assert store.total_bytes() == 60_006
    assert store.sweep() == ["r0"]
    assert not store.files_of("r0").exists()
    assert store.get("r0") is None
    assert store.get("r1") is not None
    assert store.sweep() == []


def test_failures_are_bounded_too(store):
    for number in range(20):
        store.add([entry(f"f{number:02}", created=float(number))])
        store.set_failed(f"f{number:02}", "unreadable", "no")
    assert store.sweep() == [f"f{number:02}" for number in range(8)]


def test_results_expire_and_waiting_ones_stay(store):
    finish(store, "done", 10)
    store.add([entry("waits", age=10.0)])
    assert store.get("done", now=time.time() + 99) is not None
    assert store.get("done", now=time.time() + 101) is None
    assert store.sweep(now=time.time() + 101) == ["done"]
    assert [one.id for one in store.in_state(QUEUED)] == ["waits"]
    assert store.in_state(DONE) == []


def test_a_result_deleted_while_it_was_made_leaves_no_files(store):
    store.add([entry("r")])
    store.files_of("r").mkdir()
    store.delete("r")
    store.files_of("r").mkdir()
    assert not store.set_done("r")
    assert not store.files_of("r").exists()


def test_an_index_of_another_version_is_refused(tmp_path):
    Store(tmp_path, keep_seconds=1, keep_bytes=1).close()
    index = sqlite3.connect(tmp_path / "index.sqlite")
    index.execute("PRAGMA user_version=99")
    index.close()
    with pytest.raises(OutputError, match="another version"):
        Store(tmp_path, keep_seconds=1, keep_bytes=1)
    (tmp_path / "index.sqlite").write_bytes(b"no database, " * 1000)
    with pytest.raises(OutputError, match="cannot be used"):
        Store(tmp_path, keep_seconds=1, keep_bytes=1)
