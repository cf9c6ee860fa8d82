"""The names of the dialogs of the operators' pages, for those who link to them."""

CHILD = "child"
JOB = "job"
QUEUE = "queue"
STATEMENT = "statement"
WORKER = "worker"
