"""Every address of the site as a function, for pages, redirects, mails and the API: what Phoenix calls verified routes.

    routes.post("demo", "hello-world")          "/o/demo/posts/hello-world"
    routes.posts("demo", tag="news", after="")  "/o/demo/posts?tag=news"

A part may be a text, which is quoted, or a live value of a page, which is put in as it is (slugs are safe). No other
module writes a path by hand: `tests/web/test_routes.py` holds pages and mails to that, and every function here to
`web/router.py`.
"""

from __future__ import annotations

from typing import cast
from urllib.parse import quote, unquote

type Part = object

SESSION = "/session"  # POST: log in
UPLOAD_IMPORT = "/uploads/imports/{org_slug}"  # POST: a file to import, as the body
UPLOAD_FILE = "/uploads/files/{org_slug}/{kind}"  # POST: a cover or an attachment, as the body
UPLOAD_AVATAR = "/uploads/avatar"  # POST: a picture of oneself, as the body
FILE = "/files/{org_id}/{folder}/{name}"  # GET: a file of a post
AVATAR = "/avatars/{name}"  # GET: a picture of somebody
DOWNLOAD_POSTS = "/downloads/{org_slug}/posts.zip"  # GET: every post as Markdown
DOWNLOAD_EXPORT = "/downloads/{org_slug}/exports/{export_id}.zip"  # GET: the file of an export that was made
HEALTH = "/health"  # GET: how this process is, for those who watch
LIVE = "/health/live"  # GET: whether it answers at all
METRICS = "/metrics"  # GET, for the operators' Prometheus: what the process measures
MAILBOX = "/dev/mailbox"  # GET, for developers: the mails that leave by no server
READY = "/health/ready"  # GET: whether it can do its work
SESSION_DELETE = "/session/delete"  # POST: be nobody again
SESSION_DEMO = "/session/demo"  # POST: become somebody of the demonstration, in development
SESSION_LINK = "/session/link"  # POST: have a link sent that logs in
SESSION_LINK_USE = "/session/link/use"  # POST: log in with it
ACCOUNT_REGISTER = "/session/register"  # POST: become a person here
ACCOUNT_CONFIRM = "/session/confirm"  # POST: the address is one's own
ACCOUNT_CONFIRM_AGAIN = "/session/confirm/again"  # POST: have the link sent again that confirms it
ACCOUNT_RESET = "/session/reset"  # POST: have a link sent to choose a new password
ACCOUNT_RESET_USE = "/session/reset/use"  # POST: choose it
TOKENS = "/api/v1/tokens"  # POST: log in with a program; DELETE: log it out
TOKENS_REFRESH = "/api/v1/tokens/refresh"  # POST: a new access token, and the next refresh token
DOWNLOAD_OWN_DATA = "/downloads/my-data.zip"  # GET: everything that is one's own
SESSION_TOKEN = "/session/token"  # POST: what a program connects with to the channels  # noqa: S105 - an address


def home(**query: Part) -> str:
    """The directory of organisations and the public feed."""
    return "/" + _query(query)


def log_in(**query: Part) -> str:
    """Where a person says who they are; `back` is where they go then."""
    return "/log-in" + _query(query)


def log_in_link(token: Part, **query: Part) -> str:
    """What a mail leads to that lets somebody in without a password; `back` as above, here and below."""
    return f"/log-in/{_part(token)}{_query(query)}"


def register(**query: Part) -> str:
    """Where one becomes a person here."""
    return "/register" + _query(query)


def confirm(token: Part, **query: Part) -> str:
    """What a mail leads to that asks whether an address is one's own."""
    return f"/confirm/{_part(token)}{_query(query)}"


def confirm_again(**query: Part) -> str:
    """Where one has that mail sent again."""
    return "/confirm" + _query(query)


def reset(**query: Part) -> str:
    """Where one asks for a new password."""
    return "/reset" + _query(query)


def reset_password(token: Part, **query: Part) -> str:
    """What a mail leads to that lets one choose it."""
    return f"/reset/{_part(token)}{_query(query)}"


def organization(org: Part) -> str:
    """An organisation's front page: its posts."""
    return f"/o/{_part(org)}"


def settings() -> str:
    """What a person says of themselves."""
    return "/settings"


def account_settings() -> str:
    """Address and password."""
    return "/settings/account"


def session_settings() -> str:
    """Where one is logged in."""
    return "/settings/sessions"


def api_key_settings() -> str:
    """Keys for programs."""
    return "/settings/api-keys"


def data_settings() -> str:
    """Everything that is one's own: to take along, or to leave."""
    return "/settings/data"


def short_form(page: str) -> str:
    """A page of the organisation one belongs to, without naming it: `/posts`."""
    return f"/{page}"


def posts(org: Part, **query: Part) -> str:
    """The list of posts. Filters: q, tag, author, status, from, to, sort, page, after."""
    return f"/o/{_part(org)}/posts{_query(query)}"


def post(org: Part, slug: Part) -> str:
    """One post."""
    return f"/o/{_part(org)}/posts/{_part(slug)}"


def comment(org: Part, slug: Part, comment_id: Part) -> str:
    """A comment, on the page of its post."""
    return f"{post(org, slug)}#comment-{_part(comment_id)}"


def edit_post(org: Part, slug: Part) -> str:
    """The page where a post is changed."""
    return f"/o/{_part(org)}/posts/{_part(slug)}/edit"


def write(org: Part) -> str:
    """The page where a new post is written."""
    return f"/o/{_part(org)}/write"


def tags(org: Part) -> str:
    """All tags of an organisation."""
    return f"/o/{_part(org)}/tags"


def tag(org: Part, slug: Part, **query: Part) -> str:
    """The posts that carry a tag."""
    return f"/o/{_part(org)}/tags/{_part(slug)}{_query(query)}"


def search(org: Part, **query: Part) -> str:
    """Search in an organisation; `q` is what for."""
    return f"/o/{_part(org)}/search{_query(query)}"


def rooms(org: Part) -> str:
    """The rooms of an organisation, to talk in."""
    return f"/o/{_part(org)}/chat"


def room(org: Part, slug: Part) -> str:
    """One room."""
    return f"/o/{_part(org)}/chat/{_part(slug)}"


def import_posts(org: Part) -> str:
    """Where posts come in from elsewhere."""
    return f"/o/{_part(org)}/import"


def upload_import(org: Part) -> str:
    """POST: a file to import, as the body of the request; `filename` is what it is called."""
    return UPLOAD_IMPORT.format(org_slug=_part(org))


def upload_file(org: Part, kind: Part) -> str:
    """POST: a file for a post, `cover` or `attachment`, as the body; `filename` is what it is called."""
    return UPLOAD_FILE.format(org_slug=_part(org), kind=_part(kind))


def upload_avatar() -> str:
    """POST: a picture of oneself, as the body; `left`, `top` and `side` say which square of it."""
    return UPLOAD_AVATAR


def file(org_id: Part, key: str) -> str:
    """GET: what the storage has under this key, for who may read its post."""
    return f"/files/{_part(org_id)}/{key}"


def avatar(avatar_key: str | None) -> str:
    """GET: somebody's picture; nothing for who has none."""
    return f"/{avatar_key}" if avatar_key else ""


def download_export(org: Part, export_id: Part) -> str:
    """GET: the file of one of its exports, for who may have it."""
    return DOWNLOAD_EXPORT.format(org_slug=_part(org), export_id=_part(export_id))


def notifications() -> str:
    """What the person is told of, in all organisations."""
    return "/notifications"


def notification_settings() -> str:
    """Where one says whether to be told by mail, too."""
    return "/settings/notifications"


def new_organization() -> str:
    """Where somebody makes an organisation."""
    return "/organizations/new"


def organization_settings(org: Part, **query: Part) -> str:
    """An organisation's name, address, groups, and the ways out of it."""
    return f"/o/{_part(org)}/settings{_query(query)}"


def organization_people(org: Part, **query: Part) -> str:
    """An organisation's people. `q` is words, `group` one of its groups, `show` whom, `person` one of them."""
    return f"/o/{_part(org)}/people{_query(query)}"


def invitation(token: Part) -> str:
    """What a link in a mail leads to that asks somebody to join an organisation."""
    return f"/invitations/{_part(token)}"


def users(**query: Part) -> str:
    """All people of the site, for its operators. `q` is words, `show` whom: "deactivated" or "operators"."""
    return "/admin/users" + _query(query)


def ops() -> str:
    """How the site runs, for its operators."""
    return "/ops"


def ops_jobs(**query: Part) -> str:
    """The job console. `state`, `queue`, `worker` and `q` narrow the list; `of`, `of_queue`, `of_worker` name one."""
    return "/ops/jobs" + _query(query)


def ops_logs(**query: Part) -> str:
    """Errors, and the log of a process: `q` is words, `request` the id of a request, `show` "all" or nothing."""
    return "/ops/logs" + _query(query)


def ops_processes(**query: Part) -> str:
    """What runs in `process`, or in whichever answers; `child` is one of the supervision tree of the process `of`."""
    return "/ops/processes" + _query(query)


def ops_stores(**query: Part) -> str:
    """Caches, circuit breakers and the services of others. `process` is one of those that answer."""
    return "/ops/stores" + _query(query)


def ops_metrics(**query: Part) -> str:
    """The last hour in charts. `group` is the first word of the metrics' names, `process` one of those that answer."""
    return "/ops/metrics" + _query(query)


def ops_database(**query: Part) -> str:
    """What the database says of itself, and how `process` uses it, or whichever answers; `statement` is one of those
    that cost the process `of` most.
    """
    return "/ops/database" + _query(query)


def ops_audit(**query: Part) -> str:
    """Who did what. `who` and `what` are words, `since` and `until` days."""
    return "/ops/audit" + _query(query)


def mailbox(mail_id: Part = "") -> str:
    """The mails a developer's machine has kept, or one of them."""
    return f"{MAILBOX}/{_part(mail_id)}" if mail_id else MAILBOX


def organization_of(path: str) -> str | None:
    """The organisation's slug in an address, or None.

    >>> organization_of("/o/demo/posts?page=2"), organization_of("/people")
    ('demo', None)
    """
    parts = path.partition("?")[0].split("/")
    return unquote(parts[2]) if len(parts) > 2 and parts[1] == "o" and parts[2] else None


def in_organization(path: str, org: Part) -> str:
    """The same page of an organisation under another slug.

    >>> in_organization("/o/former/posts?page=2", "present")
    '/o/present/posts?page=2'
    """
    return "/".join(["", "o", _part(org), *path.split("/")[3:]])


def is_entrance(path: str) -> bool:
    """Whether it is one of the pages where people come in: nobody wants to be there once they have.

    >>> is_entrance("/log-in?back=/"), is_entrance("/reset/x"), is_entrance("/registers")
    (True, True, False)
    """
    first = path.partition("?")[0].strip("/").partition("/")[0]
    return f"/{first}" in {log_in(), register(), confirm_again(), reset()}


def is_internal(path: str) -> bool:
    """Whether it is safe to send somebody there: a path of this site, not an address dressed up as one.

    >>> [is_internal(path) for path in ("/o/demo", "//evil.example", "https://evil.example", "/\\\\evil.example", "")]
    [True, False, False, False, False]
    """
    return path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() and "\\" not in path


def _part(value: Part) -> str:
    return quote(value, safe="") if isinstance(value, str) else f"{value}"


def _query(values: dict[str, Part]) -> str:
    """The filled-in values as a query; a list repeats its key."""
    pairs: list[str] = []
    for key, value in values.items():
        many = cast("list[Part]", value) if isinstance(value, list) else [value]
        name = key.rstrip("_")  # `from_`: the word is taken
        pairs += [f"{name}={_part(part)}" for part in many if not (isinstance(part, str) and not part)]
    return f"?{'&'.join(pairs)}" if pairs else ""
