"""The coverage formats: lcov, Cobertura XML, coverage.py's JSON and llvm-cov's JSON, told apart by content."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import msgspec

from locust_tui.domain.dataclass import dataclass

from .reading import REPORT_LIMIT, MeasureError, open_regular, read_bounded

_HEAD = 4096
_BOM = b"\xef\xbb\xbf"
_LONGEST_LINE = 64 * 1024
_DEEPEST_XML = 64
_MOST_HITS_DIGITS = 20


@dataclass(frozen=True, slots=True)
class FileLines:
    """Line counts of one source file; `sources` are folders that a relative path may start from."""

    path: str
    hit: int
    lines: int
    sources: tuple[str, ...] = ()


def read_report(path: Path) -> list[FileLines]:
    """Each source file in the report, once. Raises MeasureError when it is none of the formats or is broken."""
    with open_regular(path, REPORT_LIMIT) as file:
        head = file.read(_HEAD).removeprefix(_BOM).lstrip()
        file.seek(0)
        if head.startswith(b"<"):
            return _cobertura(file, path.name)
        if head.startswith((b"TN:", b"SF:", b"#")):
            return _lcov(file, path.name)
    if head.startswith(b"{"):
        return _json(read_bounded(path, REPORT_LIMIT), path.name)
    raise MeasureError(
        f"{path.name} is no coverage report that is known here",
        help="lcov, Cobertura XML, coverage.py JSON and llvm-cov JSON are read",
    )


class _Lines:
    """Lines of each file; one that several tests or classes report is counted once, hit if any of them hit it."""

    def __init__(self) -> None:
        self._files: dict[str, dict[int, bool]] = {}

    def add(self, path: str, number: int, hits: int) -> None:
        lines = self._files.setdefault(path, {})
        lines[number] = lines.get(number, False) or hits > 0

    def __contains__(self, path: str) -> bool:
        return path in self._files

    def files(self, sources: tuple[str, ...] = ()) -> list[FileLines]:
        return [FileLines(p, sum(lines.values()), len(lines), sources) for p, lines in self._files.items()]


def _whole(text: bytes | str) -> int:
    """A line number or a count; gcov's negative counts are kept. Raises ValueError."""
    if len(text) > _MOST_HITS_DIGITS:
        raise ValueError("too many digits")
    return int(text)


def _lcov(file: BinaryIO, name: str) -> list[FileLines]:
    lines, summaries = _Lines(), dict[str, dict[str, int]]()
    source: str | None = None
    for number, raw in enumerate(iter(lambda: file.readline(_LONGEST_LINE), b""), start=1):
        key, _, value = raw.removeprefix(_BOM).strip().partition(b":")
        try:
            if key == b"SF":
                if source is not None:
                    raise ValueError(f"{source} has no end_of_record")
                source = value.decode("utf-8", "surrogateescape")
            elif key == b"end_of_record":
                source = None
            elif key == b"DA" and source is not None:
                line, hits, *_checksum = value.split(b",")
                lines.add(source, _whole(line), _whole(hits))
            elif key in (b"LF", b"LH") and source is not None:
                counts = summaries.setdefault(source, {})
                counts[key.decode()] = max(counts.get(key.decode(), 0), _whole(value))
        except ValueError as error:
            raise MeasureError(f"{name}:{number}: not a line of an lcov report: {error}") from error
    if source is not None:
        raise MeasureError(f"{name} breaks off in the middle of {source}", help="run the coverage tool again")
    without_lines = [
        FileLines(path, counts.get("LH", 0), counts.get("LF", 0))
        for path, counts in summaries.items()
        if path not in lines
    ]
    return lines.files() + without_lines


class _CoberturaReader:
    """Handlers for expat: no document in memory, no entity, no file but the one given."""

    def __init__(self) -> None:
        self.lines = _Lines()
        self.sources: list[str] = []
        self.is_coverage = False
        self._depth = 0
        self._file: str | None = None
        self._text: list[str] | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST_XML:
            raise MeasureError(f"elements are nested deeper than {_DEEPEST_XML}")
        if self._depth == 1:
            self.is_coverage = tag == "coverage"
        if tag == "class":
            self._file = attributes.get("filename")
        elif tag == "source":
            self._text = []
        elif tag == "line" and self._file is not None:
            try:
                self.lines.add(self._file, _whole(attributes["number"]), _whole(attributes["hits"]))
            except (KeyError, ValueError) as error:
                raise MeasureError(f"a line of {self._file} has no usable number and hits") from error

    def end(self, tag: str) -> None:
        self._depth -= 1
        if tag == "class":
            self._file = None
        elif tag == "source" and self._text is not None:
            self.sources.append("".join(self._text).strip())
            self._text = None

    def text(self, data: str) -> None:
        if self._text is not None and len(self._text) < 64:
            self._text.append(data)

    def entity(self, *_: object) -> None:
        raise MeasureError("it declares entities, which no coverage report needs")


def _cobertura(file: BinaryIO, name: str) -> list[FileLines]:
    from xml.parsers import expat

    reader, parser = _CoberturaReader(), expat.ParserCreate()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.EntityDeclHandler = reader.entity
    try:
        parser.ParseFile(file)
    except MeasureError as error:
        raise MeasureError(f"{name}:{parser.CurrentLineNumber}: {error.message}") from error
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise MeasureError(f"{name} is not valid XML: {error}") from error
    if not reader.is_coverage:
        raise MeasureError(f"{name} is XML, but not a Cobertura report: its root is not <coverage>")
    return reader.lines.files(tuple(s for s in reader.sources if s))


class _PySummary(msgspec.Struct):
    covered_lines: int
    num_statements: int


class _PyFile(msgspec.Struct):
    summary: _PySummary


class _LlvmLines(msgspec.Struct):
    count: int
    covered: int


class _LlvmSummary(msgspec.Struct):
    lines: _LlvmLines


class _LlvmFile(msgspec.Struct):
    filename: str
    summary: _LlvmSummary


class _LlvmData(msgspec.Struct):
    files: list[_LlvmFile] = []


class _JsonReport(msgspec.Struct):
    files: dict[str, _PyFile] | None = None
    data: list[_LlvmData] | None = None


def _json(content: bytes, name: str) -> list[FileLines]:
    try:
        report = msgspec.json.decode(content.removeprefix(_BOM), type=_JsonReport)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise MeasureError(f"{name} is not a readable coverage report: {error}") from error
    if report.data is not None:
        merged: dict[str, FileLines] = {}
        for file in (file for data in report.data for file in data.files):
            counts = file.summary.lines
            if file.filename in merged:
                raise MeasureError(f"{name} reports {file.filename} twice", help="merge the profiles first")
            merged[file.filename] = FileLines(file.filename, counts.covered, counts.count)
        return list(merged.values())
    if report.files is not None:
        return [
            FileLines(path, file.summary.covered_lines, file.summary.num_statements)
            for path, file in report.files.items()
        ]
    raise MeasureError(f"{name} is JSON, but neither from coverage.py nor from llvm-cov")
