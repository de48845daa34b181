"""A criterion passes on evidence only: a miss is a fail, what could not be measured is an error, people sign."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from effort import cpu_s
from locust_tui.criteria.judging import Judged, judge
from locust_tui.criteria.observation import HttpOutcome, ProbeOutcome, commands_of
from locust_tui.domain.criterion import Command, Criterion, Limit, Probe, ProbeKind
from locust_tui.domain.states import CriterionState

PASS, FAIL, ERROR = CriterionState.PASS, CriterionState.FAIL, CriterionState.ERROR
WAITING, NOT_RUN = CriterionState.WAITING, CriterionState.NOT_RUN
K = ProbeKind


def shell(text: str) -> Command:
    return Command(("/bin/sh", "-c", text), text, shell=True)


def argv(*words: str) -> Command:
    return Command(words, " ".join(words))


def criterion(*probes: Probe, limit: Limit | None = None, **more: Any) -> Criterion:
    return Criterion("c", "C", probes, limit, **more)


def run(text: str = "make test") -> Probe:
    return Probe(K.RUN, shell(text))


def verdict(subject: Criterion, root: Path, *outcomes: ProbeOutcome | HttpOutcome, **more: Any) -> Judged:
    observed = {str(index): outcome for index, outcome in enumerate(outcomes)}
    return judge(subject, observed, root, **more)


def executed(subject: Criterion, root: Path) -> Mapping[str, ProbeOutcome]:
    """Each command of the criterion really run."""
    outcomes = {}
    for command in commands_of(subject):
        try:
            ended = subprocess.run(
                command.command.argv, cwd=root, capture_output=True, text=True, check=False
            )
        except OSError as error:
            outcomes[command.key] = ProbeOutcome(error=f"{command.command.argv[0]}: {error.strerror}")
        else:
            code = ended.returncode
            outcomes[command.key] = ProbeOutcome(
                exit_code=code if code >= 0 else None,
                signal=-code if code < 0 else None,
                output=ended.stdout + ended.stderr,
            )
    return outcomes


class TestCommands:
    @pytest.mark.parametrize(
        ("command", "state", "detail"),
        [
            (shell("true"), PASS, "exit 0"),
            (shell("echo broken >&2; exit 3"), FAIL, "exit 3: broken"),
            (argv("false"), FAIL, "exit 1"),
            (shell("no-such-tool --check"), ERROR, "not found"),
            (argv("no-such-tool"), ERROR, "No such file"),
            (shell("/etc/passwd"), ERROR, "ermission denied"),
            (argv("env", "no-such-tool"), ERROR, "No such file"),
            (shell("kill -SEGV $$"), FAIL, "ended by SIGSEGV"),
            (shell("kill -KILL $$"), ERROR, "stopped by SIGKILL"),
            (shell("sh -c 'kill -KILL $$'; exit $?"), ERROR, "stopped by SIGKILL"),
            (shell("exit 150"), FAIL, "exit 150"),
            (shell("exit 255"), FAIL, "exit 255"),
        ],
    )
    def test_only_a_real_answer_passes_or_fails(
        self, tmp_path: Path, command: Command, state: CriterionState, detail: str
    ) -> None:
        subject = criterion(Probe(K.RUN, command))
        judged = judge(subject, executed(subject, tmp_path), tmp_path)
        assert judged.state is state
        assert detail in judged.detail
        assert judged.command == command.text

    @pytest.mark.parametrize(
        ("outcome", "state"),
        [
            (ProbeOutcome(error="timed out after 30 s"), ERROR),
            (ProbeOutcome(error="its run was lost", exit_code=0), ERROR),
            (ProbeOutcome(), ERROR),
            (ProbeOutcome(exit_code=0), PASS),
        ],
    )
    def test_no_known_end_is_an_error(
        self, tmp_path: Path, outcome: ProbeOutcome, state: CriterionState
    ) -> None:
        assert verdict(criterion(run()), tmp_path, outcome).state is state

    def test_what_was_not_observed_is_not_run(self, tmp_path: Path) -> None:
        assert judge(criterion(run()), {}, tmp_path).state is NOT_RUN

    @pytest.mark.parametrize(
        ("output", "expect", "state"),
        [
            ("success\n", "success", PASS),
            ("failure\n", "success", FAIL),
            ("failure\nsuccess\n", "success", FAIL),
            ("failure\nsuccess\n", "/^success$/", PASS),
            ("not successful\n", "/^success$/", FAIL),
            ("\x1b[32msuccess\x1b[0m\r\n", "success", PASS),
            ("0", "0.0", PASS),
            ("", "success", FAIL),
        ],
    )
    def test_expect_compares_what_the_command_says(
        self, tmp_path: Path, output: str, expect: str, state: CriterionState
    ) -> None:
        subject = criterion(run("gh run list"), limit=Limit(expect=expect))
        assert verdict(subject, tmp_path, ProbeOutcome(0, output=output)).state is state

    @pytest.mark.parametrize(
        ("output", "state"), [("ok 5 ms", PASS), ("ok 50 ms", FAIL), ("bad 5 ms", FAIL), ("ok", ERROR)]
    )
    def test_bound_and_expectation_both_hold(
        self, tmp_path: Path, output: str, state: CriterionState
    ) -> None:
        subject = criterion(run("bench"), limit=Limit(below=10, unit="ms", expect="/^ok/"))
        assert verdict(subject, tmp_path, ProbeOutcome(0, output=output)).state is state

    def test_a_cut_output_is_no_ground_for_a_fail(self, tmp_path: Path) -> None:
        outcome = ProbeOutcome(0, output="success", truncated=True)
        assert verdict(criterion(run(), limit=Limit(expect="/^failure/")), tmp_path, outcome).state is ERROR
        assert verdict(criterion(run(), limit=Limit(expect="/success/")), tmp_path, outcome).state is PASS

    def test_offline_is_an_error_with_its_reason(self, tmp_path: Path) -> None:
        outcome = ProbeOutcome(1, output="error connecting to api.github.com\ncheck your internet connection")
        judged = verdict(criterion(run("gh run list"), limit=Limit(expect="success")), tmp_path, outcome)
        assert (judged.state, judged.detail) == (ERROR, "error connecting to api.github.com")
        assert verdict(criterion(run("make test")), tmp_path, outcome).state is FAIL

    @pytest.mark.fault(54, "patterns that take others years, over 100 kB and ten times that")
    @pytest.mark.parametrize("expect", ["/(a+)+$/", r"/^(\w+\s?)*$/"])
    def test_a_regex_that_explodes_elsewhere_is_quick(self, tmp_path: Path, expect: str) -> None:
        def looked_at(letters: int) -> None:
            outcome = ProbeOutcome(0, output="a" * letters + "!")
            judged = verdict(criterion(run(), limit=Limit(expect=expect)), tmp_path, outcome)
            assert judged.state is FAIL

        assert cpu_s(lambda: looked_at(100_000)) < 0.1
        assert cpu_s(lambda: looked_at(1_000_000)) < 1.0

    @pytest.mark.parametrize("expect", ["/(/", "/(?=a)/", r"/(a)\1/", "/a{1001}/"])
    def test_a_regex_that_cannot_be_used_is_an_error(self, tmp_path: Path, expect: str) -> None:
        judged = verdict(criterion(run(), limit=Limit(expect=expect)), tmp_path, ProbeOutcome(0, output="a"))
        assert judged.state is ERROR
        assert "not usable" in judged.detail


class TestMetric:
    def judged(self, root: Path, content: str, limit: Limit, **probe: Any) -> Judged:
        (root / "estimates.json").write_text(content)
        given = {"at": "mean.point_estimate", "unit": "ns"} | probe
        return verdict(criterion(Probe(K.METRIC, patterns=("estimates.json",), **given), limit=limit), root)

    @pytest.mark.parametrize(
        ("nanoseconds", "state", "value"),
        [("9999999", PASS, 9.999999), ("10000000", FAIL, 10.0), ("9999999.999999", PASS, 9.999999999999)],
    )
    def test_below_ten_milliseconds(
        self, tmp_path: Path, nanoseconds: str, state: CriterionState, value: float
    ) -> None:
        content = f'{{"mean": {{"point_estimate": {nanoseconds}}}}}'
        judged = self.judged(tmp_path, content, Limit(below=10, unit="ms"))
        assert (judged.state, judged.value, judged.unit) == (state, value, "ms")

    @pytest.mark.parametrize(
        ("limit", "probe", "why"),
        [
            (Limit(below=10, unit="jiffies"), {}, "unknown unit"),
            (Limit(below=10, unit="ms"), {"unit": "jiffies"}, "unknown unit"),
            (Limit(below=10, unit="MB"), {}, "cannot be compared"),
            (Limit(below=10, unit="ms"), {"unit": None}, "no unit"),
            (Limit(below=10, unit="ms"), {"at": "mean.median"}, "no median at mean"),
            (Limit(below=float("nan"), unit="ms"), {}, "not a finite number"),
        ],
    )
    def test_what_cannot_be_compared_is_an_error(
        self, tmp_path: Path, limit: Limit, probe: dict[str, Any], why: str
    ) -> None:
        judged = self.judged(tmp_path, '{"mean": {"point_estimate": 1}}', limit, **probe)
        assert judged.state is ERROR
        assert why in judged.detail

    def test_a_missing_file_is_an_error(self, tmp_path: Path) -> None:
        subject = criterion(Probe(K.METRIC, patterns=("none.json",), at="a"), limit=Limit(below=1))
        assert verdict(subject, tmp_path).state is ERROR

    def test_one_file_may_be_named_by_a_glob(self, tmp_path: Path) -> None:
        (tmp_path / "run-7.json").write_text('{"a": 5}')
        subject = criterion(Probe(K.METRIC, patterns=("run-*.json",), at="a"), limit=Limit(below=10))
        assert verdict(subject, tmp_path).state is PASS
        (tmp_path / "run-8.json").write_text('{"a": 50}')
        judged = verdict(subject, tmp_path)
        assert (judged.state, judged.detail) == (ERROR, "run-*.json matches 2 files; one is needed")

    def test_a_command_may_write_the_file_that_is_read(self, tmp_path: Path) -> None:
        writes = shell("echo '{\"a\": 5}' > m.json; echo 99")
        subject = criterion(Probe(K.METRIC, writes, patterns=("m.json",), at="a"), limit=Limit(below=10))
        judged = judge(subject, executed(subject, tmp_path), tmp_path)
        assert (judged.state, judged.value) == (PASS, 5.0)

    def test_the_unit_said_in_the_output_counts(self, tmp_path: Path) -> None:
        subject = criterion(Probe(K.METRIC, shell("bench")), limit=Limit(below=10, unit="ms"))
        assert verdict(subject, tmp_path, ProbeOutcome(0, output="mean 9999 us")).state is PASS
        assert verdict(subject, tmp_path, ProbeOutcome(0, output="mean 11 ms")).state is FAIL
        assert verdict(subject, tmp_path, ProbeOutcome(0, output="mean 9 MB")).state is ERROR
        assert verdict(subject, tmp_path, ProbeOutcome(0, output="no result")).state is ERROR

    def test_output_and_plan_may_not_contradict_each_other(self, tmp_path: Path) -> None:
        subject = criterion(Probe(K.METRIC, shell("bench"), unit="ms"), limit=Limit(below=10, unit="ms"))
        assert verdict(subject, tmp_path, ProbeOutcome(0, output="mean 9 kB")).state is ERROR

    @pytest.mark.parametrize(
        ("value", "expect", "state"),
        [('"ok"', "ok", PASS), ("true", "true", PASS), ("3", "3.0", PASS), ('"no"', "ok", FAIL)],
    )
    def test_a_metric_may_be_a_word(
        self, tmp_path: Path, value: str, expect: str, state: CriterionState
    ) -> None:
        judged = self.judged(tmp_path, f'{{"a": {value}}}', Limit(expect=expect), at="a", unit=None)
        assert judged.state is state

    def test_a_word_under_a_bound_is_an_error(self, tmp_path: Path) -> None:
        assert self.judged(tmp_path, '{"a": "fast"}', Limit(below=1), at="a", unit=None).state is ERROR


class TestCoverage:
    def judged(self, root: Path, hit: int, lines: int, include: str = "src/core/**") -> Judged:
        body = {"files": {"src/core/a.py": {"summary": {"covered_lines": hit, "num_statements": lines}}}}
        (root / "coverage.json").write_text(json.dumps(body))
        probe = Probe(K.COVERAGE, patterns=("coverage.json",), include=(include,))
        return verdict(criterion(probe, limit=Limit(above=80.0, unit="%")), root)

    def test_the_limit_itself_is_not_above_the_limit(self, tmp_path: Path) -> None:
        assert self.judged(tmp_path, 800, 1000).state is FAIL
        passed = self.judged(tmp_path, 801, 1000)
        assert (passed.state, passed.value, passed.unit) == (PASS, 80.1, "%")
        assert passed.detail == "80.1 % (801 of 1000 lines in 1 file)"

    def test_a_decimal_limit_is_met_as_a_decimal(self, tmp_path: Path) -> None:
        self.judged(tmp_path, 801, 1000)
        probe = Probe(K.COVERAGE, patterns=("coverage.json",))
        assert verdict(criterion(probe, limit=Limit(above=80.1, unit="%")), tmp_path).state is FAIL
        assert verdict(criterion(probe, limit=Limit(minimum=80.1, unit="%")), tmp_path).state is PASS

    def test_no_matching_file_is_an_error(self, tmp_path: Path) -> None:
        judged = self.judged(tmp_path, 1, 1, include="lib/**")
        assert (judged.state, judged.value) == (ERROR, None)
        assert "src/core/a.py" in judged.detail


class TestFiles:
    def subject(self, *patterns: str, limit: Limit | None = None) -> Criterion:
        return criterion(Probe(K.FILES, patterns=patterns), limit=limit)

    def test_two_of_three(self, tmp_path: Path) -> None:
        subject = self.subject("examples/{dashboard,log_viewer,file_browser}.rs", limit=Limit(minimum=3))
        (tmp_path / "examples").mkdir()
        for name in ("dashboard", "log_viewer"):
            (tmp_path / "examples" / f"{name}.rs").write_text("fn main() {}")
        judged = verdict(subject, tmp_path)
        assert (judged.state, judged.value, judged.text, judged.detail) == (FAIL, 2.0, "2 of 3", "2 of 3")
        (tmp_path / "examples" / "file_browser.rs").write_text("fn main() {}")
        assert verdict(subject, tmp_path).state is PASS

    def test_each_pattern_needs_a_file_with_content(self, tmp_path: Path) -> None:
        subject = self.subject("docs/GUIDE.md", "*.yml")
        missing = verdict(subject, tmp_path)
        assert (missing.state, missing.text) == (FAIL, "0 of 2")
        assert "docs/GUIDE.md is missing" in missing.detail
        (tmp_path / "docs").mkdir()
        (tmp_path / "docs" / "GUIDE.md").write_text(" \n\t\n")
        (tmp_path / "ci.yml").write_text("on: push")
        blank = verdict(subject, tmp_path)
        assert (blank.state, blank.detail) == (FAIL, "docs/GUIDE.md is empty")
        (tmp_path / "docs" / "GUIDE.md").write_text("# Guide")
        assert verdict(subject, tmp_path).state is PASS

    def test_a_folder_is_no_file(self, tmp_path: Path) -> None:
        (tmp_path / "build").mkdir()
        assert verdict(self.subject("build"), tmp_path).state is FAIL

    def test_files_are_looked_for_where_the_criterion_works(self, tmp_path: Path) -> None:
        (tmp_path / "sub").mkdir()
        (tmp_path / "sub" / "a").write_text("x")
        assert verdict(criterion(Probe(K.FILES, patterns=("a",)), cwd="sub"), tmp_path).state is PASS

    def test_there_may_be_too_many(self, tmp_path: Path) -> None:
        (tmp_path / "core.1").write_text("x")
        judged = verdict(self.subject("core.*", limit=Limit(maximum=0)), tmp_path)
        assert (judged.state, judged.detail) == (FAIL, "1 file, wanted ≤ 0")


class TestConsumption:
    def memory(self, baseline: bool = False, unit: str = "MB") -> Criterion:
        probe = Probe(K.MEMORY, shell("app"), baseline=shell("empty") if baseline else None)
        return criterion(probe, limit=Limit(below=10, unit=unit))

    @pytest.mark.parametrize(
        ("kib", "unit", "state"),
        [
            (9765, "MB", PASS),
            (9766, "MB", FAIL),
            (10239, "MiB", PASS),
            (10240, "MiB", FAIL),
        ],
    )
    def test_a_megabyte_is_decimal_and_a_mebibyte_binary(
        self, tmp_path: Path, kib: int, unit: str, state: CriterionState
    ) -> None:
        assert verdict(self.memory(unit=unit), tmp_path, ProbeOutcome(0, max_rss_kib=kib)).state is state

    def test_the_baseline_is_subtracted(self, tmp_path: Path) -> None:
        observed = {
            "0": ProbeOutcome(0, max_rss_kib=50_000),
            "0.baseline": ProbeOutcome(0, max_rss_kib=45_000),
        }
        judged = judge(self.memory(baseline=True), observed, tmp_path)
        assert (judged.state, judged.value, judged.unit) == (PASS, 5.12, "MB")
        assert judged.detail == "5.12 MB (51.2 MB less 46.1 MB)"

    @pytest.mark.parametrize(
        ("observed", "state"),
        [
            ({"0": ProbeOutcome(0, max_rss_kib=1)}, NOT_RUN),
            ({"0": ProbeOutcome(0, max_rss_kib=1), "0.baseline": ProbeOutcome(1, max_rss_kib=1)}, ERROR),
            ({"0": ProbeOutcome(1, max_rss_kib=1), "0.baseline": ProbeOutcome(0, max_rss_kib=1)}, FAIL),
            ({"0": ProbeOutcome(0), "0.baseline": ProbeOutcome(0, max_rss_kib=1)}, ERROR),
        ],
    )
    def test_a_half_measured_difference_never_passes(
        self, tmp_path: Path, observed: dict[str, ProbeOutcome], state: CriterionState
    ) -> None:
        assert judge(self.memory(baseline=True), observed, tmp_path).state is state

    def test_an_allocator_of_known_size(self, tmp_path: Path) -> None:
        def measured(megabytes: int) -> ProbeOutcome:
            code = f"x = bytearray({megabytes} * 10**6); print(open('/proc/self/status').read())"
            ended = subprocess.run(
                [sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True
            )
            peak = next(line for line in ended.stdout.splitlines() if line.startswith("VmHWM"))
            return ProbeOutcome(0, max_rss_kib=int(peak.split()[1]))

        baseline = measured(0)
        for megabytes, state in ((5, PASS), (15, FAIL)):
            observed = {"0": measured(megabytes), "0.baseline": baseline}
            assert judge(self.memory(baseline=True), observed, tmp_path).state is state

    @pytest.mark.parametrize(
        ("peak", "baseline", "state"),
        [
            (9_000, None, PASS),
            (12_000, None, ERROR),
            (30_000, None, FAIL),
            (12_000, 12_000, ERROR),
            (30_000, 12_000, ERROR),
            (30_000, 25_000, PASS),
            (40_000, 25_000, FAIL),
        ],
    )
    def test_memory_hidden_by_the_starting_process_is_not_guessed(
        self, tmp_path: Path, peak: int, baseline: int | None, state: CriterionState
    ) -> None:
        observed = {"0": ProbeOutcome(0, max_rss_kib=peak, rss_floor_kib=12_000)}
        if baseline is not None:
            observed["0.baseline"] = ProbeOutcome(0, max_rss_kib=baseline, rss_floor_kib=12_000)
        assert judge(self.memory(baseline=baseline is not None), observed, tmp_path).state is state

    def test_wall_time_has_a_limit(self, tmp_path: Path) -> None:
        subject = criterion(Probe(K.TIME, shell("app")), limit=Limit(below=10, unit="ms"))
        assert verdict(subject, tmp_path, ProbeOutcome(0, wall_s=0.009999)).state is PASS
        assert verdict(subject, tmp_path, ProbeOutcome(0, wall_s=0.01)).state is FAIL
        assert verdict(subject, tmp_path, ProbeOutcome(0)).state is ERROR

    def test_commands_come_in_order_with_what_to_measure(self) -> None:
        subject = criterion(
            run("one"),
            Probe(K.MEMORY, shell("app"), baseline=shell("empty")),
            Probe(K.TIME, shell("app")),
            Probe(K.MANUAL, text="ok?"),
            Probe(K.FILES, patterns=("a",)),
            timeout=5.0,
            cwd="sub",
            env={"A": "b"},
        )
        commands = commands_of(subject)
        assert [(c.key, c.command.text, c.measure_rss, c.measure_time) for c in commands] == [
            ("0", "one", False, False),
            ("1.baseline", "empty", True, True),
            ("1", "app", True, True),
            ("2", "app", False, True),
        ]
        assert {(c.timeout, c.cwd, c.env["A"]) for c in commands} == {(5.0, "sub", "b")}


class TestHttp:
    def judged(self, outcome: HttpOutcome, root: Path, expect: str | None = "200") -> Judged:
        limit = Limit(expect=expect) if expect else None
        return verdict(
            criterion(Probe(K.HTTP, url="https://example.invalid/v?k=s"), limit=limit), root, outcome
        )

    @pytest.mark.parametrize(
        ("outcome", "expect", "state"),
        [
            (HttpOutcome(200), "200", PASS),
            (HttpOutcome(404), "200", FAIL),
            (HttpOutcome(204), "200", FAIL),
            (HttpOutcome(404), "404", PASS),
            (HttpOutcome(204), None, PASS),
            (HttpOutcome(500), None, FAIL),
            (HttpOutcome(200, "all well"), "/well/", PASS),
            (HttpOutcome(500, "all well"), "/well/", FAIL),
            (HttpOutcome(200, " up\n"), "up", PASS),
            (HttpOutcome(200, "down"), "up", FAIL),
            (HttpOutcome(error="offline?"), "200", ERROR),
        ],
    )
    def test_status_or_body(
        self, tmp_path: Path, outcome: HttpOutcome, expect: str | None, state: CriterionState
    ) -> None:
        assert self.judged(outcome, tmp_path, expect).state is state

    def test_the_detail_keeps_the_query_to_itself(self, tmp_path: Path) -> None:
        assert (
            self.judged(HttpOutcome(404), tmp_path).detail
            == "https://example.invalid/v answered 404, wanted 200"
        )


class TestPeople:
    SIGN = Probe(K.MANUAL, text="Signed off?", by="tech-review")

    def test_both_the_machine_and_the_person_are_needed(self, tmp_path: Path) -> None:
        subject = criterion(run(), self.SIGN)
        ok, bad = ProbeOutcome(0), ProbeOutcome(1)
        assert verdict(subject, tmp_path, ok).state is WAITING
        assert verdict(subject, tmp_path, bad, signed=[1]).state is FAIL
        assert verdict(subject, tmp_path, signed=[1]).state is NOT_RUN
        assert verdict(subject, tmp_path, ok, signed=[1]).state is PASS

    def test_it_says_who_has_to_sign(self, tmp_path: Path) -> None:
        assert verdict(criterion(self.SIGN), tmp_path).detail == "to be signed by tech-review: Signed off?"

    def test_without_a_machine_it_waits_until_signed(self, tmp_path: Path) -> None:
        assert verdict(criterion(self.SIGN), tmp_path).state is WAITING
        assert verdict(criterion(self.SIGN), tmp_path, signed=[0]).state is PASS

    def test_an_agents_opinion_never_counts(self, tmp_path: Path) -> None:
        opinion = Probe(K.AGENT, argv("reviewer"), text="Good?")
        assert verdict(criterion(opinion), tmp_path, ProbeOutcome(0)).state is WAITING
        assert verdict(criterion(opinion, run()), tmp_path, ProbeOutcome(0), ProbeOutcome(1)).state is FAIL


class TestCombined:
    @pytest.mark.parametrize(
        ("outcomes", "state"),
        [
            ((ProbeOutcome(0), ProbeOutcome(0)), PASS),
            ((ProbeOutcome(0), ProbeOutcome(1)), FAIL),
            ((ProbeOutcome(1), ProbeOutcome(error="lost")), ERROR),
            ((ProbeOutcome(0),), NOT_RUN),
            ((ProbeOutcome(1),), FAIL),
        ],
    )
    def test_error_before_fail_before_pass(
        self, tmp_path: Path, outcomes: tuple[ProbeOutcome, ...], state: CriterionState
    ) -> None:
        assert verdict(criterion(run(), run()), tmp_path, *outcomes).state is state

    def test_the_bound_is_about_what_measures(self, tmp_path: Path) -> None:
        (tmp_path / "m.json").write_text('{"a": 5}')
        subject = criterion(run(), Probe(K.METRIC, patterns=("m.json",), at="a"), limit=Limit(below=10))
        judged = verdict(subject, tmp_path, ProbeOutcome(0, output="took 99 s"))
        assert (judged.state, judged.value) == (PASS, 5.0)

    def test_a_bound_in_bytes_leaves_the_time_alone(self, tmp_path: Path) -> None:
        subject = criterion(
            Probe(K.TIME, shell("app")), Probe(K.MEMORY, shell("app")), limit=Limit(below=10, unit="MB")
        )
        ended = ProbeOutcome(0, wall_s=99.0, max_rss_kib=100)
        assert verdict(subject, tmp_path, ended, ended).state is PASS
        assert verdict(subject, tmp_path, ended, ProbeOutcome(0, max_rss_kib=10**6)).state is FAIL

    def test_an_expectation_that_nothing_answers_is_an_error(self, tmp_path: Path) -> None:
        (tmp_path / "a").write_text("x")
        subject = criterion(Probe(K.FILES, patterns=("a",)), limit=Limit(expect="ok"))
        judged = verdict(subject, tmp_path)
        assert (judged.state, judged.detail) == (
            ERROR,
            "files gives no answer that expect could be compared with",
        )


numbers = st.none() | st.floats() | st.integers(-10, 10).map(float)
outcomes = st.builds(
    ProbeOutcome,
    exit_code=st.none() | st.sampled_from([0, 0, 0, 1, 126, 127, 137, 255]),
    signal=st.none() | st.sampled_from([0, 9, 11, 99]),
    max_rss_kib=st.none() | st.integers(0, 10**9),
    wall_s=st.none() | st.floats(0, 1e9),
    output=st.text(max_size=30)
    | st.sampled_from(["5", "5 ms", "\ud800", '{"a": 1}', '{"a": NaN}', "\x1b[1m"]),
    truncated=st.booleans(),
    error=st.none() | st.just("lost"),
)
probes = st.builds(
    Probe,
    kind=st.sampled_from(K),
    command=st.none() | st.just(shell("x")),
    patterns=st.lists(st.sampled_from(["a", "*", "{a,b}", "[", "none", "/dev/null", "a\0b"]), max_size=2).map(
        tuple
    ),
    url=st.none() | st.just("http://x"),
    at=st.none() | st.sampled_from(["a", "", "a.b"]),
    unit=st.none() | st.sampled_from(["ms", "MB", "%", "?"]),
    baseline=st.none() | st.just(shell("y")),
)
limits = st.none() | st.builds(
    Limit,
    above=numbers,
    below=numbers,
    minimum=numbers,
    unit=st.none() | st.sampled_from(["ms", "MB", "%", "?"]),
    expect=st.none() | st.sampled_from(["5", "200", "/5/", "/(/", "//"]),
)


@given(st.lists(probes, max_size=3), limits, st.lists(outcomes, min_size=3, max_size=3), st.booleans())
def test_every_observation_has_a_verdict_and_no_trouble_passes(
    tmp_path_factory: pytest.TempPathFactory,
    asked: list[Probe],
    limit: Limit | None,
    seen: list[ProbeOutcome],
    signed: bool,
) -> None:
    root = tmp_path_factory.getbasetemp()
    subject = criterion(*asked, limit=limit)
    judged = verdict(subject, root, *seen, signed=range(3) if signed else ())
    commands = [seen[c.probe] for c in commands_of(subject) if not c.baseline]
    if judged.state is PASS:
        assert all((o.error, o.exit_code) == (None, 0) and not o.signal for o in commands)
        assert signed or (subject.machine and not subject.manual)
    else:
        assert judged.detail


class TestFacts:
    def test_a_fact_is_the_last_number_said(self, tmp_path: Path) -> None:
        judged = verdict(
            criterion(run(), fact="critical_bugs"), tmp_path, ProbeOutcome(0, output="open: 3\n")
        )
        assert (judged.state, judged.value) == (PASS, 3.0)

    def test_a_fact_with_a_unit(self, tmp_path: Path) -> None:
        subject = criterion(Probe(K.RUN, shell("doc.sh"), unit="%"), fact="documented")
        judged = verdict(subject, tmp_path, ProbeOutcome(0, output="97.5"))
        assert (judged.value, judged.unit) == (97.5, "%")

    def test_a_fact_without_a_number_is_a_text(self, tmp_path: Path) -> None:
        judged = verdict(criterion(run(), fact="x"), tmp_path, ProbeOutcome(0, output="green\n"))
        assert (judged.value, judged.text) == (None, "green")

    def test_a_failed_command_has_no_value(self, tmp_path: Path) -> None:
        judged = verdict(criterion(run(), fact="x"), tmp_path, ProbeOutcome(1, output="3"))
        assert (judged.state, judged.value) == (FAIL, None)


def test_a_command_that_makes_a_report_does_not_lend_its_own_number_to_the_limit(tmp_path: Path) -> None:
    (tmp_path / "lcov.info").write_text("SF:src/a.py\nDA:1,1\nDA:2,1\nend_of_record\n")
    subject = criterion(
        run("python3 coverage.py"),
        Probe(K.COVERAGE, patterns=("lcov.info",)),
        limit=Limit(above=80, unit="%"),
        fact="coverage",
    )
    found = verdict(subject, tmp_path, ProbeOutcome(exit_code=0, output="4 modules traced\n"))
    assert (found.state, found.value, found.unit) == (PASS, 100.0, "%")
    assert "4;" not in found.detail
