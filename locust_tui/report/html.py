"""The weekly report as one HTML file: no script, no link to anywhere, nothing to load; for mail, browsers and paper."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from xml.etree.ElementTree import Element

from .elements import el, markup
from .figures import dollars, moment, percent, week
from .glyphs import glyph, tone, word
from .html_blocks import blocks, section_id
from .page import Page, Section
from .sections import page_of
from .weekly import StatusReport, points_gained


def html(report: StatusReport) -> str:
    """The whole page. Its content policy lets a browser load nothing and run nothing; only its own style is taken."""
    page = page_of(report)
    body = el("body", _head(report, page), el("main", *_sections(page, report)), _foot(report))
    return f"<!doctype html>\n{markup(el('html', _meta(page.title), body, lang='en'))}\n"


@cache
def _style() -> str:
    return Path(__file__).with_name("report.css").read_text(encoding="utf-8")


def _meta(title: str) -> Element:
    style = el("style")
    style.text = _style()
    digest = base64.b64encode(hashlib.sha256(style.text.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=policy),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("meta", name="referrer", content="no-referrer"),
        el("title", title),
        style,
    )


def _head(report: StatusReport, page: Page) -> Element:
    verdict = report.verdict.value
    names = [s.title for s in page.sections if s.level == 2]
    return el(
        "header",
        el("h1", page.title),
        el("p", f"{report.project}, as of {moment(report.at)}", class_="as-of"),
        el("p", f"{glyph(verdict)} {word(verdict)}", class_=f"verdict {tone(verdict)}"),
        el("dl", *_tiles(report), class_="tiles"),
        el("nav", *(el("a", name, href=f"#{section_id(name)}") for name in names), aria_label="Sections")
        if len(names) > 6
        else None,
    )


def _tiles(report: StatusReport) -> Iterator[Element]:
    snapshot = report.ground.snapshot if report.ground is not None else None
    expected = snapshot.expected_progress if snapshot is not None else None
    gained = points_gained(report.completion, report.completion_before)
    plan = f"plan {percent(expected)}" if expected is not None else ""
    since = f"{gained:+d} since week {report.week - 1}" if gained is not None else ""
    yield _tile("Completion", percent(report.completion), plan, since)
    if snapshot is not None and snapshot.forecast.p85_week is not None:
        yield _finish(report)
    blocked = sum(len(d.blockers) for d in report.domains)
    yield _tile("Blockers", str(blocked))
    yield _tile("Decisions waiting", str(len(report.decisions)))
    if snapshot is not None and snapshot.spend is not None and snapshot.spend.cost_usd is not None:
        yield _tile("Spent", dollars(snapshot.spend.cost_usd))


def _finish(report: StatusReport) -> Element:
    ground = report.ground
    assert ground is not None
    window, before = ground.plan.project.window, ground.before
    ends = f"window ends week {week(window[1])}" if window is not None else ""
    was = before.forecast.p85_week if before is not None else None
    earlier = f"was week {week(was)}" if was is not None else ""
    return _tile("Finish, P85", f"week {week(ground.snapshot.forecast.p85_week)}", ends, earlier)


def _tile(name: str, value: str, *notes: str) -> Element:
    return el("div", el("dt", name), el("dd", value, *(el("small", note) for note in notes if note)))


def _sections(page: Page, report: StatusReport) -> Iterator[Element]:
    """Each heading of the second level with all below it; those of the third as cards beside each other."""
    top: Section | None = None
    cards: list[Element] = []
    for section in (*page.sections, None):
        if section is not None and section.level > 2:
            heading = el("h3", section.title)
            cards.append(el("section", heading, *blocks(section, report), class_="card"))
            continue
        if top is not None:
            name = section_id(top.title)
            inner = [*blocks(top, report), *([el("div", *cards, class_="cards")] if cards else [])]
            yield el("section", el("h2", top.title, id=name), *inner, aria_labelledby=name)
        top, cards = section, []


def _foot(report: StatusReport) -> Element:
    digest = f", plan {report.plan_digest[:12]}" if report.plan_digest else ""
    again = f"report --week {report.week} --format html gives this page again"
    return el("footer", el("p", f"Revision {report.revision} of the record{digest}. locust-tui {again}."))
