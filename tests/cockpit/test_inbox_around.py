"""What the cockpit says of waiting, limited and silent runs, of accounts and spending, wherever one looks; and the bell."""

from __future__ import annotations

import dataclasses

import pytest
import sample
from piloting import Open, host, lines, settled, text
from textual.pilot import Pilot

from locust_tui.domain.states import AccountState, WorkstreamState
from locust_tui.report.status_text import status_text, workstream_table
from locust_tui.report.why import why_run, why_workstream
from locust_tui.screens.bell import Bell


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await settled(pilot)


@pytest.mark.parametrize(("size", "said"), [((120, 36), "⚠ 8: permission WS-05 (!)"), ((200, 60), "⚠ 8 wait: permission WS-05 (!)"), ((80, 24), "⚠ 8 wait (!)")])  # fmt: skip
async def test_the_headline_counts_what_waits_and_names_the_most_urgent(
    cockpit: Open, size: tuple[int, int], said: str
) -> None:
    async with cockpit(sample.asking(), size) as (pilot, _):
        assert said in lines(pilot)[0]


async def test_what_only_wants_to_be_seen_is_not_called_urgent(cockpit: Open) -> None:
    seen = dataclasses.replace(sample.question(), rank=2, kind="escalation")
    async with cockpit(dataclasses.replace(sample.asking(), waiting=(seen,)), (200, 60)) as (pilot, _):
        assert "⚠ 1 waits for you (!)" in lines(pilot)[0]


async def test_the_plans_spending_stands_in_a_wide_headline_beside_its_budget(cockpit: Open) -> None:
    async with cockpit(sample.spending(), (200, 60)) as (pilot, _):
        assert "$12.40 of 20" in lines(pilot)[0]
        assert "$8.90 of 10" in text(pilot)  # of an orchestrator, in the tree
    async with cockpit(sample.spending(), (80, 24)) as (pilot, _):
        assert "$12.40" not in lines(pilot)[0]


async def test_a_limited_account_is_a_line_with_the_key_that_leads_to_it(cockpit: Open) -> None:
    async with cockpit(sample.spending()) as (pilot, port):
        assert "▣ account claude is limited, resets 14:44 UTC, in 12m; 1 run parked" in lines(pilot)[1]
        assert lines(pilot)[1].rstrip().endswith("o accounts")
        await press(pilot, "o", "G")
        assert "Accounts" in text(pilot)
        refused = dataclasses.replace(
            port.snapshot.accounts[0], state=AccountState.REFUSED, why="its login was refused"
        )
        port.change(accounts=(refused,))
        await settled(pilot)
        assert "✗ account claude: its login was refused" in lines(pilot)[0]
        assert lines(pilot)[0].rstrip().endswith("! inbox")
        port.change(accounts=())
        await settled(pilot)
        assert "account claude" not in text(pilot)


@pytest.mark.parametrize(("size", "said"), [((80, 24), "▣ claude"), ((200, 60), "▣ claude limited until 14:44")])  # fmt: skip
async def test_an_account_that_is_shut_is_named_in_the_headline_where_the_banner_says_something_else(
    cockpit: Open, size: tuple[int, int], said: str
) -> None:
    async with cockpit(dataclasses.replace(sample.spending(), held=sample.held_confirm().held), size) as (
        pilot,
        _,
    ):
        assert "account" not in lines(pilot)[1]
        assert said in lines(pilot)[0]


def test_status_tells_of_a_refused_login_once_where_it_can_be_answered() -> None:
    base = sample.spending()
    account = dataclasses.replace(
        base.accounts[0], state=AccountState.REFUSED, why="its login was refused: 401", resets_at=None
    )
    item = dataclasses.replace(
        sample.asking().waiting[0],
        item=f"account:{account.id}",
        what=f"account {account.id}: its login was refused: 401",
        choices=("mended", "stop"),
    )
    reasons = (f"account {account.id} was refused: WS-05 waits", "another reason")
    asked = dataclasses.replace(base, accounts=(account,), waiting=(item,), reasons=reasons)
    told = [line for line in status_text(asked, width=200).splitlines() if f"account {account.id}" in line]
    assert len(told) == 1, told
    assert "mended, stop" in told[0]
    assert "another reason" in status_text(asked)
    unasked = status_text(dataclasses.replace(asked, waiting=()))
    assert "its login was refused: 401" in unasked
    assert "WS-05 waits" in unasked


def test_status_says_the_same_of_work_whose_run_does_not_move() -> None:
    rows = {row.split()[0]: row for row in workstream_table(sample.spending(), width=200)}
    assert "▣ limited" in rows["WS-05"]
    assert "limited until 14:44 UTC (claude)" in rows["WS-05"]
    assert "◇ stalled" in rows["WS-06"]
    assert "silence" in rows["WS-06"]


async def test_what_accepted_work_rests_on_is_said_by_w_and_its_open_pull_request_in_the_list(
    cockpit: Open,
) -> None:
    url = "https://example.org/pull/7"
    base = sample.running()
    first = dataclasses.replace(
        base.workstreams[0],
        state=WorkstreamState.ACCEPTED,
        why=None,
        came_to=f"exit 0, 2 checks passed, pull request {url}, which is open, yes of ana",
        pull_request=url,
    )
    snapshot = dataclasses.replace(base, workstreams=(first, *base.workstreams[1:]))
    row = next(line for line in workstream_table(snapshot, width=200) if line.startswith(first.id))
    assert f"PR open: {url}" in row
    async with cockpit(snapshot, (160, 50)) as (pilot, _):
        host(pilot).main.select(first.id)
        await press(pilot, "w")
        assert f"{first.id} is accepted: exit 0, 2 checks passed, pull request {url}" in text(pilot)


async def test_a_card_and_the_log_say_when_a_limited_run_goes_on_and_how_long_one_is_silent(
    cockpit: Open,
) -> None:
    async with cockpit(sample.spending(), (160, 50)) as (pilot, _):
        shown = text(pilot)
        assert "limited · until 14:44" in shown
        assert "stalled · silence" in shown
        host(pilot).main.select("WS-05")
        await settled(pilot)
        title = next(line for line in lines(pilot) if "Log ·" in line)
        assert "▣ limited (protocol 4m) · resets 14:44 UTC, in 12m" in title
        assert "412k tokens, $3.40" in title


async def test_a_workstreams_details_say_what_it_spent(cockpit: Open) -> None:
    async with cockpit(sample.spending()) as (pilot, _):
        host(pilot).main.select("WS-05")
        await press(pilot, "enter")
        assert "spent         412k of 500k tokens, $3.40" in text(pilot)
        assert "limited (protocol 4m)  resets 14:44 UTC, in 12m" in text(pilot)


async def test_w_says_why_in_the_words_of_the_command_line(cockpit: Open) -> None:
    snapshot = sample.asking()
    async with cockpit(snapshot, (160, 50)) as (pilot, _):
        await press(pilot, "w")
        work = next(w for w in snapshot.workstreams if w.id == "WS-07")
        for line in why_workstream(work, snapshot).lines:
            assert line.strip() in text(pilot)
        await press(pilot, "escape", "5", "w")
        run = next(r for r in snapshot.runs if r.id == "WS-07.2")
        for line in why_run(run, snapshot).lines:
            assert line.strip() in text(pilot)
        await press(pilot, "w", "L", "w")
        assert "WS-07.2 is waiting" in text(pilot)
        await press(pilot, "escape", "escape", "exclamation_mark", "w")
        assert "WS-05.1 is running" in text(pilot)
        await press(pilot, "w")
        assert pilot.app.screen.id == "inbox-screen"


async def test_wrapping_is_on_a_key_of_its_own(cockpit: Open) -> None:
    async with cockpit() as (pilot, _):
        await press(pilot, "5", "W")
        assert host(pilot).main.log_pane.wrap


async def test_help_and_keys_tell_the_inboxs_keys(cockpit: Open) -> None:
    async with cockpit(size=(120, 60)) as (pilot, _):
        await press(pilot, "question_mark")
        pages = [text(pilot)]
        for _ in range(8):
            await press(pilot, "ctrl+d")
            pages.append(text(pilot))
        assert any("In the inbox" in p and "Allow it always for this workstream" in p for p in pages)


def test_the_bell_rings_once_for_what_is_new_and_not_often() -> None:
    rings: list[float] = []
    now = 100.0
    bell = Bell(lambda: rings.append(now), lambda: now)
    first, second = sample.asking().waiting[:2]
    bell.look([first])
    assert rings == []  # it waited before anybody looked
    bell.look([first, second])
    assert rings == [100.0]
    for now in (101.0, 200.0):  # noqa: B007
        bell.look([first, second])
    assert rings == [100.0]  # never again for the same
    bell.look([])
    bell.look([second])
    assert rings == [100.0]
    again = dataclasses.replace(second, item="permission:WS-05.1:3")
    bell.look([second, again])
    third = dataclasses.replace(second, item="permission:WS-05.1:4")
    bell.look([second, again, third])
    assert rings == [100.0, 200.0]  # the next came within the pause
    quiet = dataclasses.replace(second, item="budget:plan:cost:80", rank=2)
    now = 900.0
    bell.look([second, again, third, quiet])
    assert rings == [100.0, 200.0]


async def test_the_terminal_rings_for_a_new_item(cockpit: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    rings = 0

    def ring() -> None:
        nonlocal rings
        rings += 1

    async with cockpit(sample.running()) as (pilot, port):
        monkeypatch.setattr(host(pilot).rings, "_ring", ring)
        port.show(sample.asking())
        await settled(pilot)
        assert rings == 1
