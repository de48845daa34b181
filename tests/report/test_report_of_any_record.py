"""No record and no text breaks a report: whatever happened and whatever things are called, every form is whole and safe."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from histories import histories
from locust_tui.analysis.overview import build_snapshot
from locust_tui.cli.verbs.report import FORMATS, rendered
from locust_tui.client.report_study import Record, planned_ground, recorded_ground
from locust_tui.domain.events import Event, PlanAccepted, ProjectStarted
from locust_tui.domain.people import WORKER
from locust_tui.domain.plan import Need, Plan, Project, Risk, Workstream
from locust_tui.report.build import report_of
from locust_tui.report.page_lines import page_lines, text_of
from locust_tui.report.sections import page_of
from locust_tui.report.table import cells
from locust_tui.report.weekly import StatusReport
from locust_tui.safe_text import mask_with
from slipping_plan import slipping_plan

CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069]")
TAGS = frozenset(
    (
        "html", "head", "meta", "title", "style", "body", "header", "main", "footer", "section", "nav", "h1", "h2", "h3",
        "ul", "ol", "li", "p", "dl", "dt", "dd", "div", "small", "strong", "span", "a", "table", "caption", "thead",
        "tbody", "tr", "th", "td", "figure", "svg", "desc", "g", "line", "rect", "text", "path", "circle",
    )
)  # fmt: skip
"""All that a page of ours is made of: nothing that runs, loads or leads away."""


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.ids: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            self.attributes.add((name, value or "" if name in ("href", "style", "src") else ""))


def check(report: StatusReport) -> None:
    """Every form of the report."""
    told = {form: rendered(report, form) for form in FORMATS}
    assert not any(CONTROL.search(text) for text in told.values())
    assert json.loads(told["json"])["week"] == report.week
    page = Page(told["html"])
    assert page.tags <= TAGS, page.tags - TAGS
    names = {name for name, _ in page.attributes}
    assert not any(name.startswith("on") for name in names)
    assert not names & {"src", "style", "srcset", "action", "xlink:href"}
    assert all(value.startswith("#") for name, value in page.attributes if name == "href")
    assert len(page.ids) == len(set(page.ids))
    assert told["html"].count("<style>") == told["html"].count("</style>") == 1
    assert not re.search(r"(?<!\\)<[a-zA-Z/!]", told["md"])
    assert not re.search(r"(?<!\\)\]\(", told["md"])
    assert [line for line in told["md"].splitlines() if line.startswith("# ")] == [told["md"].splitlines()[0]]


NASTY = st.text(min_size=1, max_size=25) | st.sampled_from(
    [
        "</title><script>x</script>", "</style><script>x</script>", '"><img src=x onerror=x>', "| a | b |", "]]>",
        "<!--", "&lt;b&gt;", "\x1b[2J\x07", "\u202egpj.exe", "a\n## Forecast\n- Finish: today", "[x](javascript:x)",
        "1. one", "\ud800", "日本語" * 9, "x" * 3000, "a&b<c>d\"e'f", "--", "> quote", "=HYPERLINK()",
    ]
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(NASTY, min_size=9, max_size=9))
def test_no_name_of_the_plan_and_no_note_becomes_markup(texts: list[str]) -> None:
    project, a, b, risk, mitigation, summary, note, owner, why = texts
    first = Workstream("WS-01", a, instructions=note)
    plan = Plan(
        Project(project, project, window=(2, 4)),
        {"WS-01": first, "WS-02": Workstream("WS-02", b, needs=(Need("WS-01"),))},
        risks=(Risk("R1", risk, "high", "high", owner, mitigation),),
    )
    later = replace(plan, workstreams={"WS-01": replace(first, name=summary)})
    bodies = [PlanAccepted("d1", note), ProjectStarted(), PlanAccepted("d2", note, summary, (why,), note=why)]
    events = [Event(n, 1.7e9 + n, WORKER, body) for n, body in enumerate(bodies, 1)]
    record = Record(events, {"d1": plan, "d2": later}, "d2", note)
    check(report_of(recorded_ground(record, 1.7e9 + 10)))
    check(report_of(planned_ground(plan, "d1", note, 1.7e9)))


PLAIN = Plan(Project("P", "P"), {f"WS-0{n}": Workstream(f"WS-0{n}", f"work {n}") for n in (1, 2, 3)})
"""Without dates, phases, gates or orchestrators; the other one has it all."""


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    events=histories(),
    at=st.floats(1.69e9, 1.81e9),
    width=st.integers(76, 200),
    started=st.booleans(),
    plan=st.sampled_from([PLAIN, slipping_plan()]),
)
def test_no_history_breaks_a_report(
    events: list[Event], at: float, width: int, started: bool, plan: Plan
) -> None:
    head = [PlanAccepted("d", "/p"), *([ProjectStarted()] if started else [])]
    first = [Event(n, 1.69e9, WORKER, body) for n, body in enumerate(head, 1)]
    told = [replace(e, revision=e.revision + len(first)) for e in events]
    digests = {e.body.digest for e in told if isinstance(e.body, PlanAccepted)}
    record = Record([*first, *told], dict.fromkeys(digests | {"d"}, plan), "d", "/p")
    report = report_of(recorded_ground(record, 1.82e9, at=at))
    check(report)
    again = report_of(recorded_ground(record, 1.9e9, at=at))
    assert all(rendered(report, form) == rendered(again, form) for form in FORMATS)
    for line in page_lines(page_of(report), width):
        assert cells(text_of(line)) <= width


def test_a_snapshot_alone_is_a_report_too() -> None:
    """Without studies it ends with the template."""
    from locust_tui.domain.world import World
    from locust_tui.report.build import build_report

    plan = Plan(Project("P", "P"), {"a": Workstream("a", "a")})
    snapshot = build_snapshot(plan, "d", "/p", World(), 0.0, worker_pid=None)
    check(build_report(plan, snapshot, None, week=0))


def test_a_secret_is_masked_in_every_form_for_people() -> None:
    plan = Plan(
        Project("P", "P"),
        {"a": Workstream("a", "uses hunter2")},
        risks=(Risk("R1", "hunter2 leaks", "high", "high", None, "rotate hunter2"),),
    )
    report = report_of(planned_ground(plan, "d", "/p", 1.7e9))
    mask_with(lambda text: text.replace("hunter2", "•••"))
    try:
        for form in ("md", "text", "html"):
            told = rendered(report, form)
            assert "hunter2" not in told, form
            assert "•••" in told, form
    finally:
        mask_with(None)
