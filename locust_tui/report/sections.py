"""The weekly report as a page: the template's sections in its order, then the figures behind them."""

from __future__ import annotations

from collections.abc import Iterator

from .figures import percent
from .glyphs import Tone, tone
from .page import Bullets, Chart, Item, Numbers, Page, Section, Words
from .schedule_sections import schedule_sections
from .standing_sections import NEWS, standing_sections
from .weekly import VERDICTS, Domain, StatusReport, points_gained


def page_of(report: StatusReport) -> Page:
    """The whole report."""
    return Page(f"{report.short} Development Status - Week {report.week}", tuple(_sections(report)))


def news_of(report: StatusReport) -> Page:
    """What is otherwise since the week before, and nothing else."""
    page = page_of(report)
    kept = tuple(s for s in page.sections if s.title == NEWS)
    return Page(page.title, kept or (Section(2, NEWS, (Words("There is no week before to compare with."),)),))


def _sections(report: StatusReport) -> Iterator[Section]:
    yield Section(2, "Overall Progress", (_overall(report), Chart("burn-up")))
    yield Section(2, "Domain Status")
    for domain in report.domains:
        yield _domain(domain)
    yield Section(2, "Risk Register", (_risks(report),))
    decisions = tuple(Item(d.decision, d.context) for d in report.decisions)
    yield Section(2, "Decisions Required", (Numbers(decisions),))
    resources = tuple(Item("", line) for line in report.resources)
    yield Section(2, "Resource Adjustments", (Bullets(resources),))
    ground = report.ground
    if ground is not None:
        yield from schedule_sections(ground)
    if report.spending:
        yield Section(2, "Spending", (Bullets(tuple(Item("", line) for line in report.spending)),))
    if ground is not None:
        yield from standing_sections(ground)


def _overall(report: StatusReport) -> Bullets:
    gained = points_gained(report.completion, report.completion_before)
    since: tuple[str, ...] = ()
    if gained is not None:
        since = (f"{gained:+d} {'point' if abs(gained) == 1 else 'points'} since week {report.week - 1}",)
    look = tone(report.verdict.value)
    return Bullets(
        (
            Item("Phase", report.phase or "None"),
            Item("Completion", percent(report.completion), since),
            Item("On Track", VERDICTS[report.verdict], report.reasons, look),
        )
    )


def _domain(domain: Domain) -> Section:
    phase = f" (Phase {domain.phases})" if domain.phases else ""
    blocked = Tone.FAILED if domain.blockers else Tone.PLAIN
    items = (
        Item("Progress", percent(domain.progress)),
        Item("Blockers", "; ".join(domain.blockers) or "None", tone=blocked, parts=domain.blockers),
        Item("Next Week", "; ".join(domain.next_week) or "None", parts=domain.next_week),
    )
    return Section(3, f"{domain.name}{phase}", (Bullets(items),))


def _risks(report: StatusReport) -> Numbers:
    return Numbers(
        tuple(
            Item(r.risk, r.mitigation or "no mitigation", (r.change,) if r.change else ())
            for r in report.risks
        )
    )
