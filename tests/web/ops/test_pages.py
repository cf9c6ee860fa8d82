"""The operators' pages: there for operators alone, and what the address asks for."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from myapp import ops
from myapp.accounts import User
from myapp.kit import audit, logs, pubsub, supervisor, telemetry
from myapp.kit.clock import now
from myapp.kit.errors import AppError, NotFound, Unauthenticated, Unavailable
from myapp.kit.logs import Line, _setup
from myapp.kit.logs._handler import Handler, renderer
from myapp.kit.logs._ring import Ring
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from myapp.kit.telemetry import _history, console
from myapp.metrics import metrics
from myapp.ops import AuditFilter, exchange, looking, news, statements
from myapp.ops.exchange import Answered, Asked, own_name
from myapp.ops.news import LinesLogged
from myapp.ops.own_log import pack_lines
from myapp.web import router
from myapp.web.ops.audit.state import AuditState
from myapp.web.ops.boards import BOARDS
from myapp.web.ops.database.state import StatementState
from myapp.web.ops.logs.state import LogsState
from myapp.web.ops.metrics.state import MetricsState
from myapp.web.ops.processes.state import ChildState
from myapp.web.shell import ShellState
from tests.factories import SYSTEM
from tests.factories.accounts import make_session, make_user
from tests.live import Tab
from tests.ops.trees import pot_is_back
from tests.web.blog.conftest import Site

PATHS = [page.route for page in router.PAGES if page.route.startswith("/ops")]


async def visit(site: Site, user: User | None, path: str) -> Tab:
    cookies = {"session": await make_session(user.id)} if user else None
    return await site.live.open(path, cookies=cookies)


@pytest.mark.parametrize("path", PATHS)
async def test_for_others_no_page_is_there(path: str, site: Site) -> None:
    owner = {"session": await make_session(site.owner.user_id)}
    with pytest.raises(NotFound):
        await site.live.open(path, cookies=owner)
    for user, refusal in ((await make_user(), NotFound), (None, Unauthenticated)):
        with pytest.raises(refusal):
            await visit(site, user, path)


@pytest.mark.parametrize("path", PATHS)
async def test_operators_come_in(path: str, site: Site, operator: User) -> None:
    tab = await visit(site, operator, path)
    assert tab.get(ShellState.problem) == ""
    assert not tab.get(ShellState.is_loading)


async def test_who_is_an_operator_no_longer_reads_nothing_more(site: Site, operator: User) -> None:
    tab = await visit(site, operator, "/ops/database")
    async with transaction(SYSTEM) as session:
        await session.exec(update(User).where(col(User.id) == operator.id).values(is_operator=False))
    for path in PATHS:
        with pytest.raises(AppError):
            await tab.navigate(path)


class TestAudit:
    async def test_a_deed_is_shown_with_what_it_changed(self, site: Site, operator: User) -> None:
        async with transaction(site.member):
            before, after = {"name": "Tea", "size": 1}, {"name": "Coffee", "size": 1, "tags": ["a"]}
            await audit.record(site.member, "room.thing.renamed", "thing", "7", before=before, after=after)
        tab = await visit(site, operator, "/ops/audit?who=mia&what=thing.renamed")
        [row] = tab.get(AuditState.entries)
        assert (row["actor"], row["action"], row["org"]) == ("Mia Member", "room.thing.renamed", site.organization.name)
        assert row["changes"] == [
            {"field": "name", "before": "Tea", "after": "Coffee"},
            {"field": "tags", "before": "", "after": '["a"]'},
        ]

    async def test_an_open_page_shows_what_is_done_meanwhile(self, site: Site, operator: User) -> None:
        tab = await visit(site, operator, "/ops/audit?what=room.thing")
        assert tab.get(AuditState.entries) == []
        async with transaction(site.member):
            await audit.record(site.member, "room.thing.renamed", "thing", "7")
        await tab.until(lambda: tab.get(AuditState.entries))
        assert [row["action"] for row in tab.get(AuditState.entries)] == ["room.thing.renamed"]

    async def test_the_address_narrows_it_and_leads_on(self, site: Site, operator: User) -> None:
        for number in range(60):
            async with transaction(site.member):
                await audit.record(site.member, f"many.{number}", "thing", "7")
        tab = await visit(site, operator, "/ops/audit?what=many.&since=2020-01-01&until=nonsense")
        assert len(tab.get(AuditState.entries)) == 50
        assert tab.get(AuditState.newer) == ""
        await tab.navigate(tab.get(AuditState.older))
        assert len(tab.get(AuditState.entries)) == 10
        await tab.navigate(tab.get(AuditState.newer))
        assert len(tab.get(AuditState.entries)) == 50
        await tab.navigate("/ops/audit?what=many.&until=2020-01-01")
        assert (tab.get(AuditState.entries), tab.get(AuditState.is_narrowed)) == ([], True)


class TestStatement:
    async def test_the_one_in_the_address_is_shown_with_its_plan(
        self, site: Site, operator: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(statements, "MOST", 100_000)  # whatever other tests have spent more time on
        async with transaction(SYSTEM) as session:
            await session.exec(select(User.id).where(col(User.name) == "Nobody"))
        known = statements.own_database_use().statements
        chosen = next(each for each in known if "FROM users WHERE users.name =" in " ".join(each.statement.split()))
        tab = await visit(site, operator, f"/ops/database?statement={chosen.id}")
        assert tab.get(StatementState.statement) == chosen.statement
        assert "users" in tab.get(StatementState.plan)
        await tab.navigate("/ops/database")
        assert tab.get(StatementState.plan) == ""

    @pytest.mark.parametrize("of", ["", "&of=elsewhere:7"])
    async def test_one_that_is_not_known_is_said_to_be_gone(
        self, of: str, site: Site, operator: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(looking, "PATIENCE", 0.01)
        tab = await visit(site, operator, f"/ops/database?statement=x{of}")
        assert tab.get(StatementState.is_gone)

    async def test_links_say_of_which_process_a_statement_is_and_keep_the_choice(self, site: Site) -> None:
        for part, kept in (("", ""), (own_name(), f"process={quote(own_name(), safe='')}&")):
            found: Any = await BOARDS["database"].read(Scope.system("a test"), part)
            first = found["statements"][0]
            of = quote(own_name(), safe="")
            assert first["url"] == f"/ops/database?{kept}statement={first['id']}&of={of}#statement"
            assert first["sent"] == ""


class TestMetrics:
    async def test_the_group_in_the_address_is_shown_else_the_first(self, site: Site, operator: User) -> None:
        tab = await visit(site, operator, "/ops/metrics")
        groups = tab.get(MetricsState.groups)
        assert "process" in groups
        assert tab.get(MetricsState.group) == groups[0]
        await tab.navigate(f"/ops/metrics?group={groups[1]}")
        assert tab.get(MetricsState.group) == groups[1]
        await tab.navigate("/ops/metrics?group=klingons")
        assert tab.get(MetricsState.group) == groups[0]

    async def test_counts_of_classes_stand_in_points_and_rows_by_their_names(self, site: Site, operator: User) -> None:
        telemetry.execute("http.request.stop", {"duration": 0.1}, {"route": "/tea", "method": "GET", "status": 404})
        current = _history._history
        assert current is not None
        current.tick(time.time() // 30 * 30)
        found: Any = await BOARDS["metrics"].read(Scope.system("a test"), "http")
        timings, counts = found["charts"]
        assert [(row["id"], row["4xx"]) for row in timings["rows"]] == [("/tea GET", 1)]
        assert [point["4xx"] for point in counts["points"] if point["value"]] == [2]
        assert "4xx" not in timings["points"][0]


class TestLogs:
    @pytest.fixture(autouse=True)
    def _lines(self, monkeypatch: pytest.MonkeyPatch) -> None:
        ring = Ring()
        monkeypatch.setattr(_setup, "ring", ring)
        for level, message, request in (("info", "tea is up", "r1"), ("error", "no cake", "r1"), ("info", "x", "r2")):
            ring.add(Line(now(), level, "myapp.tea", message, {"request_id": request, "cups": 2}, "Traceback …"))

    async def test_errors_come_first_and_lead_to_all_of_their_request(self, site: Site, operator: User) -> None:
        tab = await visit(site, operator, "/ops/logs")
        [row] = tab.get(LogsState.lines)
        assert (row["message"], row["about"]) == ("no cake", "cups=2")
        await tab.navigate(row["url"])
        assert [each["message"] for each in tab.get(LogsState.lines)] == ["tea is up", "no cake"]

    async def test_an_open_page_shows_what_is_logged_meanwhile(self, site: Site, operator: User) -> None:
        tab = await visit(site, operator, "/ops/logs")
        _setup.ring.add(Line(now(), "error", "myapp.tea", "no milk", {"request_id": "r3"}, ""))
        pubsub.local_broadcast(ops.LINES, LinesLogged())
        await tab.until(lambda: len(tab.get(LogsState.lines)) == 2)
        assert [each["message"] for each in tab.get(LogsState.lines)] == ["no milk", "no cake"]

    async def test_what_another_process_logged_in_the_request_is_among_its_lines(
        self, site: Site, operator: User
    ) -> None:
        elsewhere = pack_lines([Line(now(), "info", "myapp.cake", "a job baked it", {"request_id": "r1"}, "")])

        def answer(_topic: str, event: object) -> None:
            if isinstance(event, Asked):
                pubsub.broadcast(exchange.TOPIC, Answered("elsewhere:7", event.question, elsewhere))

        pubsub.subscribe(exchange.TOPIC, answer)
        tab = await visit(site, operator, "/ops/logs?request=r1")
        found = [(each["message"], each["process"]) for each in tab.get(LogsState.lines)]
        assert found == [("tea is up", own_name()), ("no cake", own_name()), ("a job baked it", "elsewhere:7")]
        await tab.navigate("/ops/logs?q=baked")
        assert [each["process"] for each in tab.get(LogsState.lines)] == ["elsewhere:7"]
        assert tab.get(LogsState.silent) == ""

    async def test_a_process_that_does_not_answer_is_named(
        self, site: Site, operator: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(exchange, "PATIENCE", 0.01)
        pubsub.broadcast(exchange.TOPIC, Answered("elsewhere:7", "who:", "here"))
        tab = await visit(site, operator, "/ops/logs")
        assert tab.get(LogsState.silent) == "elsewhere:7"
        assert [each["process"] for each in tab.get(LogsState.lines)] == [own_name()]

    async def test_what_reading_the_log_logs_itself_is_no_reason_to_read_again(
        self, site: Site, operator: User
    ) -> None:
        """At LOG_LEVEL=debug it logs its queries and its end."""
        handler = Handler(_setup.ring, None, renderer("text"))
        told: list[Line] = []
        has_read = asyncio.Event()

        def hear(line: Line) -> None:
            told.append(line)
            if "handler=changed" in line.message:
                has_read.set()

        log = logging.getLogger(console.__name__)
        log.addHandler(handler)
        log.setLevel(logging.DEBUG)
        try:
            async with console.running(metrics()):
                await visit(site, operator, "/ops/logs?show=all")
                with logs.watched(hear):
                    pubsub.local_broadcast(ops.LINES, LinesLogged())
                    await asyncio.wait_for(has_read.wait(), 30)
        finally:
            log.removeHandler(handler)
            log.setLevel(logging.NOTSET)
        readings = {each.request_id for each in told if "handler=changed" in each.message}
        logged = [each for each in told if each.request_id in readings]
        assert len(logged) > 1  # what it asked of the database, too
        assert readings <= set(news._readings)

    async def test_all_lines_and_those_with_some_words_are_found(self, site: Site, operator: User) -> None:
        tab = await visit(site, operator, "/ops/logs?show=all")
        assert len(tab.get(LogsState.lines)) == 3
        assert tab.get(LogsState.show) == "all"
        await tab.navigate("/ops/logs?q=TEA%20is")
        assert tab.get(LogsState.show) == "words"
        assert [each["message"] for each in tab.get(LogsState.lines)] == ["tea is up"]


class TestProcesses:
    async def test_a_child_is_killed_by_its_page(self, site: Site, operator: User) -> None:
        tab = await visit(site, operator, "/ops/processes?child=table/pot")
        assert (tab.get(ChildState.child), tab.get(ChildState.is_supervisor)) == ("table/pot", False)
        await tab.send(ChildState.kill)
        await pot_is_back(supervisor.root())
        found = (await ops.list_audit(SYSTEM, AuditFilter(what="ops.child.killed"))).entries
        assert [(each.subject_id, each.ip) for each in found] == [("table/pot", "127.0.0.1")]

    async def test_one_of_a_process_that_does_not_answer_cannot_be_killed(self, site: Site, operator: User) -> None:
        tab = await visit(site, operator, "/ops/processes?child=table/pot&of=elsewhere:7")
        assert tab.get(ChildState.child) == ""
        with pytest.raises(Unavailable):
            await tab.send(ChildState.kill)
        assert (await ops.list_audit(SYSTEM, AuditFilter(what="ops.child.killed"))).entries == []

    async def test_links_say_of_which_process_a_child_is_and_keep_the_choice(self, site: Site) -> None:
        for part, kept in (("", ""), (own_name(), f"process={quote(own_name(), safe='')}&")):
            found: Any = await BOARDS["processes"].read(Scope.system("a test"), part)
            assert (found["process"], found["is_gone"]) == (own_name(), False)
            of = quote(own_name(), safe="")
            assert found["children"][0]["url"] == f"/ops/processes?{kept}child=kettle&of={of}#child"

    @pytest.mark.parametrize("board", ["processes", "stores", "database"])
    async def test_a_process_that_does_not_answer_is_said_to_be_gone(self, board: str, site: Site) -> None:
        found: Any = await BOARDS[board].read(Scope.system("a test"), "elsewhere:7")
        assert (found["process"], found["is_gone"], found["processes"]) == ("elsewhere:7", True, (own_name(),))

    async def test_one_that_is_not_there_cannot_be_killed(self, site: Site, operator: User) -> None:
        tab = await visit(site, operator, "/ops/processes?child=spoon")
        assert tab.get(ChildState.child) == ""
        with pytest.raises(NotFound):
            await tab.send(ChildState.kill)
