"""What a roll-up counts as progress."""

from __future__ import annotations

import json

from locust_tui.analysis.summary import document, summarize, words


def test_what_is_reported_stands_beside_what_is_verified() -> None:
    works = [
        {"id": "a", "state": "accepted", "verified": 100.0, "reported": 40.0},
        {"id": "b", "state": "planned", "verified": None, "reported": 80.0},
        {"id": "c", "state": "running", "verified": 0.0, "reported": None},
    ]
    found = summarize(json.dumps({"revision": 7, "workstreams": works}))
    assert (found.progress, found.measured) == (50.0, 2)
    assert (found.reported, found.claimed) == (60.0, 2)
    assert "progress: 50 %, mean of 2\nreported: 60 %, mean of 2\n" in words(found)
    assert (document(found)["progress"], document(found)["reported"]) == (50.0, 60.0)


def test_what_values_say_of_their_progress_is_read_as_status_keys_are() -> None:
    found = summarize('{"progress": 0.75}\n{"progress": 75}\n{"progress": true}\n')
    assert (found.items, found.progress, found.measured, found.reported) == (3, 75.0, 2, None)
    assert "reported" not in words(found)


def test_a_status_without_workstreams_is_nothing_to_count() -> None:
    found = summarize(json.dumps({"revision": 7, "verdict": "unknown", "workstreams": []}))
    assert (found.items, found.states) == (0, ())
