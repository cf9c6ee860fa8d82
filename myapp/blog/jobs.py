"""The jobs of posts."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from myapp import blog
from myapp.blog import ExportProgressed, ImportProgressed
from myapp.kit.jobs import INCOMPLETE, Outcome, Unique, Work, worker
from myapp.kit.scope import Scope


@worker(queue="imports", max_attempts=3, timeout=timedelta(minutes=25))
class RunImport:
    """Runs an import that somebody asked for, or goes on with one whose process is gone."""

    async def process(self, job: Work) -> Outcome:
        async def tell(event: ImportProgressed) -> None:
            await job.progress(event.done, event.total)

        acting, import_id = Scope.system("a job"), UUID(job.args["id"])
        await blog.run_queued_import(acting, import_id, on_progress=tell, is_unwanted=lambda: job.is_cancelled)
        return None


@worker(queue="exports", max_attempts=3, timeout=timedelta(minutes=20))
class RunExport:
    """Makes the file of an export that somebody asked for; from its beginning, where its process is gone."""

    async def process(self, job: Work) -> Outcome:
        async def tell(event: ExportProgressed) -> None:
            await job.progress(event.done, event.total)

        await blog.run_queued_export(
            Scope.system("a job"),
            UUID(job.args["id"]),
            on_progress=tell,
            is_last=job.is_last_attempt,
            is_unwanted=lambda: job.is_cancelled,
        )
        return None


@worker(
    max_attempts=5,
    priority=1,
    timeout=timedelta(minutes=2),
    rescue_after=timedelta(minutes=3),  # until then a run whose process was killed is in the way of every other
    unique=Unique(states=INCOMPLETE),
    cron="* * * * *",
)
class PublishDuePosts:
    """Publishes what is due: at the moment that a post was scheduled for, and every minute in case one was missed."""

    async def process(self, job: Work) -> Outcome:
        del job
        await blog.publish_due_posts(Scope.system("its time has come"))
        return None


@worker(max_attempts=5, timeout=timedelta(minutes=25))
class IndexPosts:
    """Has the words of an organisation's posts looked up in its language, which has become another."""

    async def process(self, job: Work) -> Outcome:
        await blog.index_posts(Scope.system("the language of the organisation has changed"), UUID(job.args["org_id"]))
        return None


@worker(max_attempts=5, alone=True, cron="0 2 * * *", catch_up=True)
class CleanUp:
    """Deletes the files that belong to no post or import any more, and the exports whose time is over.

    Finds posts, too, whose words are looked up in another language than their organisation's.
    """

    async def process(self, job: Work) -> Outcome:
        del job
        clock = Scope.system("its time has come")
        await blog.sweep_files(clock)
        await blog.sweep_exports(clock)
        await blog.sweep_uploads(clock)
        await blog.queue_stale_languages(clock)
        return None


@worker(max_attempts=3, rescue_after=timedelta(minutes=10), alone=True, cron="*/15 * * * *")
class WarmCaches:
    """Finds out what many are about to ask for, before it is forgotten."""

    async def process(self, job: Work) -> Outcome:
        del job
        await blog.warm_caches(Scope.system("its time has come"))
        return None
