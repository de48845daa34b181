"""The plan names secrets by where they are; their values are fetched at the start of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from locust_tui.errors import LocustTuiError
from locust_tui.worker.secrets import fetch


def test_from_the_environment_and_from_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_TOKEN", "from the environment")
    (tmp_path / "token").write_text("from a file\n")
    found = fetch({"A": "env:MY_TOKEN", "B": "file:token", "C": f"file:{tmp_path}/token"}, tmp_path)
    assert found == {"A": "from the environment", "B": "from a file", "C": "from a file"}


@pytest.mark.parametrize("reference", ["env:NOT_THERE", "file:not-there"])
def test_what_is_not_there_is_named(reference: str, tmp_path: Path) -> None:
    with pytest.raises(LocustTuiError, match="the secret TOKEN"):
        fetch({"TOKEN": reference}, tmp_path)


def test_a_file_that_is_no_text_is_refused_without_a_word_of_it(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"abc\0def")
    with pytest.raises(LocustTuiError) as refused:
        fetch({"TOKEN": "file:key"}, tmp_path)
    assert "abc" not in refused.value.message
