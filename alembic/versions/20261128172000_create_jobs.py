"""Create the tables of jobs: Oban's, which only the system reads, and ours beside them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from myapp.kit.jobs.tables import install_sql, uninstall_sql
from myapp.kit.rls import APP, PUBLIC

revision = "20261128172000"
down_revision = "20261121055000"
branch_labels = None
depends_on = None

PUT = "args, inserted_at, max_attempts, meta, priority, queue, scheduled_at, state, tags, worker"
ANSWERED = "id, inserted_at, queue, scheduled_at, state"

accepted = {
    "prefer-timestamp-tz": "the tables are Oban's, which keeps every moment in UTC",
    "require-concurrent-index-creation": "the table is made in this revision",
}


def upgrade() -> None:
    op.execute(install_sql())
    op.create_index(
        "oban_jobs_unique_index",
        "oban_jobs",
        [sa.text("(meta ->> 'unique')"), "inserted_at"],
        postgresql_where=sa.text("meta ? 'unique'"),
    )
    op.create_table(
        "job_switches",
        sa.Column("worker", sa.Text(), nullable=False, comment="Where its class is: myapp.blog.jobs.PublishDuePosts"),
        sa.Column("reason", sa.Text(), nullable=False, comment="Why, for the others"),
        sa.Column("user_id", sa.Uuid(), comment="Who did it; none for the system"),
        sa.Column("inserted_at", sa.DateTime(timezone=True), nullable=False, comment="Since when"),
        sa.PrimaryKeyConstraint("worker", name="pk_job_switches"),
        comment="Workers whose jobs wait, as an operator wants it",
    )
    op.create_table(
        "job_rates",
        sa.Column("queue", sa.Text(), nullable=False, comment="Its name"),
        sa.Column("count", sa.Integer(), nullable=False, comment="So many jobs may begin"),
        sa.Column("seconds", sa.Double(), nullable=False, comment="In so many seconds"),
        sa.Column(
            "tokens",
            sa.Double(),
            nullable=False,
            comment="How many may begin at once, as of the moment in filled_at",
        ),
        sa.Column("filled_at", sa.DateTime(timezone=True), nullable=False, comment="When tokens were last added"),
        sa.CheckConstraint("count > 0 AND seconds > 0", name=op.f("ck_job_rates_positive")),
        sa.PrimaryKeyConstraint("queue", name="pk_job_rates"),
        comment="Queues whose jobs may begin only so often",
    )
    op.create_table(
        "job_crons",
        sa.Column("worker", sa.Text(), nullable=False, comment="Where its class is"),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False, comment="The last minute that was looked at"),
        sa.PrimaryKeyConstraint("worker", name="pk_job_crons"),
        comment="How far the clock of each periodic worker has been followed",
    )
    # Arguments name people and things of all organisations: who serves people adds a job and is told its number.
    op.execute(
        f"""REVOKE ALL ON oban_jobs, oban_leaders, oban_producers, job_switches, job_rates, job_crons
            FROM {APP}, {PUBLIC}"""
    )
    op.execute(f"GRANT INSERT ({PUT}), SELECT ({ANSWERED}) ON oban_jobs TO {APP}, {PUBLIC}")


def downgrade() -> None:
    for table in ("job_crons", "job_rates", "job_switches"):
        op.drop_table(table)
    op.execute(uninstall_sql())
    op.execute("DROP FUNCTION IF EXISTS oban_count_estimate(text, text)")
