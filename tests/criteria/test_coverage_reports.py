"""Coverage is 100 · hit / lines of exactly the files asked for, or an error; never a silent 0 or 100."""

from __future__ import annotations

import json
import os
import time
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locust_tui.criteria.coverage import Coverage, read_coverage
from locust_tui.criteria.reading import MeasureError

LCOV = """TN:
SF:{root}/src/core/a.rs
FN:1,main
DA:1,1
DA:2,0
DA:3,5,abcdef==
LF:3
LH:2
end_of_record
SF:{root}/src/other.rs
DA:1,0
end_of_record
"""

COBERTURA = """<?xml version="1.0" ?>
<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">
<coverage line-rate="0.1">
  <sources><source>{root}</source></sources>
  <packages><package name="core"><classes>
    <class name="A" filename="src/core/a.rs">
      <methods><method name="m"><lines><line number="1" hits="1"/></lines></method></methods>
      <lines><line number="1" hits="1"/><line number="2" hits="0"/><line number="3" hits="5"/></lines>
    </class>
    <class name="B" filename="src/other.rs"><lines><line number="1" hits="0"/></lines></class>
  </classes></package></packages>
</coverage>
"""

COVERAGE_PY = json.dumps(
    {
        "meta": {"format": 3, "version": "7.6"},
        "files": {
            "src/core/a.rs": {"executed_lines": [1, 3], "summary": {"covered_lines": 2, "num_statements": 3}},
            "src/other.rs": {"executed_lines": [], "summary": {"covered_lines": 0, "num_statements": 1}},
        },
        "totals": {"covered_lines": 2, "num_statements": 4},
    }
)

LLVM = json.dumps(
    {
        "type": "llvm.coverage.json.export",
        "version": "2.0.1",
        "data": [
            {
                "files": [
                    {
                        "filename": "{root}/src/core/a.rs",
                        "segments": [[1, 2, 3, True, False]],
                        "summary": {"lines": {"count": 3, "covered": 2, "percent": 66.6}, "regions": {}},
                    },
                    {"filename": "{root}/src/other.rs", "summary": {"lines": {"count": 1, "covered": 0}}},
                ],
                "totals": {},
            }
        ],
    }
)


def written(folder: Path, content: str) -> Path:
    report = folder / "report"
    report.write_text(content.replace("{root}", str(folder)))
    return report


@pytest.mark.parametrize(
    "content", [LCOV, COBERTURA, COVERAGE_PY, LLVM], ids=["lcov", "cobertura", "py", "llvm"]
)
def test_each_format_is_known_by_its_content(tmp_path: Path, content: str) -> None:
    report = written(tmp_path, content)
    assert read_coverage(report, ["src/core/**"], tmp_path) == Coverage(hit=2, lines=3, files=1)
    assert read_coverage(report, [], tmp_path) == Coverage(hit=2, lines=4, files=2)
    assert read_coverage(report, ["src/{core/a,other}.rs"], tmp_path).files == 2


@pytest.mark.parametrize(
    "content", [LCOV, COBERTURA, COVERAGE_PY, LLVM], ids=["lcov", "cobertura", "py", "llvm"]
)
def test_no_matching_file_is_an_error_that_shows_a_path(tmp_path: Path, content: str) -> None:
    with pytest.raises(MeasureError, match=r"no file in report matches lib/\*\*") as raised:
        read_coverage(written(tmp_path, content), ["lib/**"], tmp_path)
    assert "src/core/a.rs" in str(raised.value.help)


def test_percent_is_exact(tmp_path: Path) -> None:
    lines = "".join(f"DA:{n},{int(n <= 801)}\n" for n in range(1, 1001))
    report = written(tmp_path, f"SF:src/a.rs\n{lines}end_of_record\n")
    assert read_coverage(report, [], tmp_path).percent == Fraction("80.1")


def test_a_file_reported_by_several_tests_is_counted_once(tmp_path: Path) -> None:
    record = "TN:{}\nSF:a.rs\nDA:1,{}\nDA:2,0\nend_of_record\n"
    report = written(tmp_path, record.format("one", 0) + record.format("two", 3))
    assert read_coverage(report, [], tmp_path) == Coverage(hit=1, lines=2, files=1)


def test_lcov_without_lines_uses_its_summary(tmp_path: Path) -> None:
    report = written(tmp_path, "SF:a.rs\nLF:10\nLH:7\nend_of_record\n")
    assert read_coverage(report, [], tmp_path) == Coverage(hit=7, lines=10, files=1)


def test_a_link_in_the_folder_path_does_not_hide_the_files(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.mkdir()
    link.symlink_to(real)
    report = link / "report"
    report.write_text(LCOV.replace("{root}", str(real)))
    assert read_coverage(report, ["src/core/**"], link).files == 1


def test_source_newer_than_the_report_is_named(tmp_path: Path) -> None:
    report = written(tmp_path, LCOV)
    source = tmp_path / "src" / "core" / "a.rs"
    source.parent.mkdir(parents=True)
    source.write_text("x")
    os.utime(source, (time.time() + 60, time.time() + 60))
    assert read_coverage(report, ["src/core/**"], tmp_path).newer == "src/core/a.rs"


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE coverage [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "&a;" * 10}">' for n in range(10))
    + "]><coverage><sources><source>&a9;</source></sources></coverage>"
)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "is empty"),
        ("hello", "no coverage report that is known"),
        ("PK\x03\x04", "no coverage report that is known"),
        ("SF:a.rs\nDA:1,1\n", "breaks off"),
        ("SF:a.rs\nDA:1,1\nSF:b.rs\nend_of_record\n", "end_of_record"),
        ("SF:a.rs\nDA:one,1\nend_of_record\n", "report:2"),
        ("SF:a.rs\nDA:1\nend_of_record\n", "report:2"),
        (f"SF:a.rs\nDA:{'9' * 5000},1\nend_of_record\n", "digits"),
        ("SF:a.rs\nend_of_record\n", "lists no source file"),
        ("SF:a.rs\nLF:0\nLH:0\nend_of_record\n", "no executable line"),
        ("SF:a.rs\nLF:1\nLH:9\nend_of_record\n", "inconsistent"),
        (BOMB, "declares entities"),
        (
            '<!DOCTYPE coverage [<!ENTITY x SYSTEM "file:///etc/passwd">]><coverage>&x;</coverage>',
            "declares entities",
        ),
        ("<coverage>" + "<a>" * 100_000, "nested deeper"),
        ("<coverage><packages>", "not valid XML"),
        ("<html></html>", "not a Cobertura report"),
        ('<coverage><class filename="a"><line number="1"/></class></coverage>', "no usable number"),
        ("<coverage></coverage>", "lists no source file"),
        ("{", "not a readable coverage report"),
        ("{}", "neither from coverage.py nor from llvm-cov"),
        ('{"files": {"a": {"summary": {"covered_lines": NaN, "num_statements": 1}}}}', "not a readable"),
        ('{"files": {"a": {"summary": {"covered_lines": "1", "num_statements": 1}}}}', "not a readable"),
        ('{"files": ' + "[" * 100_000, "not a readable"),
        ('{"x": ' + "[" * 100_000, "not a readable"),
        ('{"files": {"a": {"summary": {"covered_lines": 2, "num_statements": 1}}}}', "inconsistent"),
        (
            '{"data": [{"files": ['
            + ", ".join(['{"filename": "a", "summary": {"lines": {"count": 1, "covered": 1}}}'] * 2)
            + "]}]}",
            "twice",
        ),
    ],
)
def test_a_broken_or_hostile_report_is_an_error_at_once(tmp_path: Path, content: str, why: str) -> None:
    with pytest.raises(MeasureError, match=why):
        read_coverage(written(tmp_path, content), [], tmp_path)


def test_a_report_too_large_is_refused_unread(tmp_path: Path) -> None:
    report = tmp_path / "report"
    with report.open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(MeasureError, match="larger than 128 MiB"):
        read_coverage(report, [], tmp_path)


def test_a_named_pipe_does_not_hold_the_reader(tmp_path: Path) -> None:
    report = tmp_path / "report"
    os.mkfifo(report)
    with pytest.raises(MeasureError, match="not a regular file"):
        read_coverage(report, [], tmp_path)


def test_a_missing_report_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(MeasureError, match="does not exist"):
        read_coverage(tmp_path / "none.info", [], tmp_path)


@given(
    st.binary(max_size=300), st.sampled_from([b"SF:", b"<coverage>", b'{"files":', b"TN:\nSF:a\nDA:", b""])
)
def test_any_bytes_give_a_report_or_a_measure_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, start: bytes
) -> None:
    report = tmp_path_factory.getbasetemp() / "fuzzed"
    report.write_bytes(start + content)
    try:
        coverage = read_coverage(report, [], report.parent)
    except MeasureError:
        return
    assert 0 <= coverage.percent <= 100
