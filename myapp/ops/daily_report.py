"""Once a day, by mail, to those who run the site: what the day before was like, in a few numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

import sqlalchemy as sa
from sqlmodel import col

from myapp.accounts import User
from myapp.blog import Comment, Post
from myapp.chat import Message
from myapp.kit import i18n, logs, mailer, routes
from myapp.kit.i18n import gettext
from myapp.kit.jobs.tables import oban_jobs
from myapp.kit.mailer import Button, Mail, compose
from myapp.kit.query_log import repeats_allowed
from myapp.kit.repo import transaction
from myapp.kit.scope import Scope
from myapp.kit.selects import Column, Condition, fetch, pick
from myapp.ops import policy
from myapp.ops.exchange import ask, unpacked

DAY = timedelta(days=1)
PATIENCE = 10.0  # seconds that processes are waited for: nobody sits there


async def send_daily_report(scope: Scope, day: date) -> int:
    """Promise every operator with a confirmed address a mail about this day in UTC; how many that are.

    Errors are those of the processes that run, which are asked; who does not answer is named in it.

    Raises Forbidden, Unauthenticated.
    """
    policy.authorise(scope, "run_operations")
    wanted = sa.and_(
        col(User.is_operator).is_(True),
        col(User.confirmed_at).is_not(None),
        col(User.deactivated_at).is_(None),
        col(User.anonymised_at).is_(None),
    )
    operators = pick(col(User.email), col(User.name), col(User.locale)).where(wanted).order_by(col(User.id))
    errors, silent = await _errors(day)
    async with transaction(Scope.system("reports on a day")):
        found = await fetch(operators)
        figures = {**await _figures(day), "errors": errors} if found else {}
        with repeats_allowed():
            for operator in found:
                await mailer.enqueue(_report_mail(**operator, day=day, figures=figures, silent=silent))
    return len(found)


async def _figures(day: date) -> Mapping[str, int]:
    begin = datetime.combine(day, time(), UTC)
    [counted] = await fetch(
        pick(
            _count(User, _within(col(User.inserted_at), begin), "registrations"),
            _count(Post, _within(col(Post.inserted_at), begin), "posts"),
            _count(Comment, _within(col(Comment.inserted_at), begin), "comments"),
            _count(Message, _within(col(Message.inserted_at), begin), "messages"),
            _count(oban_jobs, _within(oban_jobs.c.discarded_at, begin), "failed_jobs"),
        )
    )
    return counted


async def _errors(day: date) -> tuple[int, Sequence[str]]:
    """How many all processes have logged, and which of them did not answer."""
    answers = await ask(f"errors_on:{day.isoformat()}", patience=PATIENCE)
    return logs.errors_on(day) + sum(unpacked(answers.said, int).values()), answers.silent


def _count(rows: type[User | Post | Comment | Message] | sa.Table, condition: Condition, name: str) -> Column:
    return sa.select(sa.func.count()).select_from(rows).where(condition).scalar_subquery().label(name)


def _within(moment: Column, begin: datetime) -> Condition:
    return sa.and_(moment >= begin, moment < begin + DAY)


def _report_mail(
    email: str, name: str, locale: str | None, *, day: date, figures: Mapping[str, int], silent: Sequence[str]
) -> Mail:
    """In the operator's language."""
    with i18n.locale_of(i18n.negotiate(locale)):
        labels = {
            "registrations": gettext("New people"),
            "posts": gettext("New posts"),
            "comments": gettext("New comments"),
            "messages": gettext("New messages"),
            "failed_jobs": gettext("Jobs that were given up"),
            "errors": gettext("Errors in the logs of the processes that run"),
        }
        missing = gettext("These processes did not answer in time, so that their errors are missing: %(names)s")
        words = [f"{label}: {figures[figure]}" for figure, label in labels.items()]
        return compose(
            email,
            kind="ops.daily_report",
            subject=gettext("The site on %(day)s") % {"day": day.isoformat()},
            name=name,
            paragraphs=[*words, missing % {"names": ", ".join(silent)}] if silent else words,
            button=Button(gettext("Look at it"), routes.ops()),
            note=gettext("You get this mail once a day because you run this site."),
            key=day.isoformat(),
        )
