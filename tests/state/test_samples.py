"""Measurements over time: private, bounded by age and rows, readable while they are written, and nothing rests on them."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from locust_tui.state import samples
from locust_tui.state.samples import Point, SampleReader, SampleWriter


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "samples.db"


def read(path: Path, name: str, **more: float) -> list[Point]:
    with SampleReader(path) as reader:
        return reader.history(name, **more)  # type: ignore[arg-type]


def test_what_is_written_is_read_in_order_and_what_was_unknown_stays_unknown(path: Path) -> None:
    writer = SampleWriter(path)
    for at, value in ((1.0, 5.0), (2.0, None), (3.0, 7.0)):
        writer.write(at, {"progress": value, "blockers": 0.0}, keep=10)
    assert read(path, "progress") == [Point(1.0, 5.0), Point(2.0, None), Point(3.0, 7.0)]
    assert read(path, "progress", since=2.5) == [Point(3.0, 7.0)]
    assert read(path, "nothing") == []
    with SampleReader(path) as reader:
        assert reader.count("progress") == 3
        assert reader.names("pro") == ["progress"]
        assert reader.latest(["progress", "nothing"]) == {"progress": Point(3.0, 7.0)}
        assert reader.peaks("b") == {"blockers": 0.0}
    writer.close()
    assert len(read(path, "progress")) == 3


def test_the_file_is_its_owners_alone(path: Path) -> None:
    writer = SampleWriter(path)
    writer.write(1.0, {"a": 1.0}, keep=10)
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in path.parent.iterdir())
    writer.close()


def test_a_link_in_its_place_is_not_followed(path: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    path.symlink_to(victim)
    with pytest.raises(OSError):
        SampleWriter(path).write(1.0, {"a": 1.0}, keep=10)
    assert victim.read_text() == "mine"


def test_what_is_too_much_or_too_old_goes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(samples, "PRUNE_EVERY", 1)
    writer = SampleWriter(path)
    for at in range(100):
        writer.write(float(at), {"few": 1.0}, keep=10)
        writer.write(float(at), {"many": 1.0}, keep=1000)
    assert [p.at for p in read(path, "few")] == [float(at) for at in range(90, 100)]
    assert len(read(path, "many")) == 100
    writer.write(samples.MAX_AGE_S + 50.5, {"new": 1.0}, keep=10)
    assert [p.at for p in read(path, "many")] == [float(at) for at in range(51, 100)]
    writer.close()


def test_the_whole_file_is_bounded_whatever_its_series_keep(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, "PRUNE_EVERY", 1)
    monkeypatch.setattr(samples, "MAX_ROWS", 20)
    writer = SampleWriter(path)
    for at in range(50):
        writer.write(float(at), {"a": 1.0, "b": 2.0}, keep=1000)
    assert len(read(path, "a")) + len(read(path, "b")) <= 20
    assert read(path, "b")[-1].at == 49.0
    writer.close()


def test_a_damaged_file_is_set_aside_and_begun_anew(path: Path) -> None:
    path.write_bytes(b"this is no database at all, and never was one" * 100)
    assert read(path, "a") == []
    writer = SampleWriter(path)
    writer.write(1.0, {"a": 1.0}, keep=10)
    writer.close()
    assert read(path, "a") == [Point(1.0, 1.0)]
    assert path.with_name("samples.db.old").exists()


def test_a_lost_file_loses_curves_alone(path: Path) -> None:
    writer = SampleWriter(path)
    writer.write(1.0, {"a": 1.0}, keep=10)
    writer.close()
    path.unlink()
    assert read(path, "a") == []
    assert not path.exists()
    again = SampleWriter(path)
    assert again.begun("m", 5.0) == 5.0
    assert again.begun("m", 9.0) == 5.0
    assert again.last("a") is None
    again.close()
