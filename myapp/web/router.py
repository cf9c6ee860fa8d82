"""Every page in one table: its address, what it shows, its title, what it loads, and who may open it.

A page's `content` is what stands inside `<main>`; the layout puts everything else around it.

    Page("/o/[org_slug]/posts/[post_slug]", post_page, title=PostState.title, on_load=(PostState.load,))

Arguments of an address are read on the server: `session.argument(self, "post_slug")`. No state var may have the name of
an argument. `on_load` handlers run after the guard, in order; they are `@server_event`s.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import reflex as rx

from myapp.kit import routes
from myapp.web import entries, errors
from myapp.web.accounts.confirm.page import ConfirmAgainState, ConfirmState, confirm_again_page, confirm_page
from myapp.web.accounts.invitation.page import invitation_page
from myapp.web.accounts.invitation.state import InvitationState
from myapp.web.accounts.log_in.page import link_page, log_in_page
from myapp.web.accounts.log_in.state import LinkState, LogInState
from myapp.web.accounts.new_organization.page import new_organization_page
from myapp.web.accounts.new_organization.state import NewOrganizationForm
from myapp.web.accounts.organization_people.group import GroupPeopleForm
from myapp.web.accounts.organization_people.inviting import InviteForm
from myapp.web.accounts.organization_people.page import organization_people_page
from myapp.web.accounts.organization_people.person import PersonForm
from myapp.web.accounts.organization_people.state import OrgPeopleState
from myapp.web.accounts.organization_settings.groups import GroupsState, NewGroupForm, RenameGroupForm
from myapp.web.accounts.organization_settings.page import organization_settings_page
from myapp.web.accounts.organization_settings.state import DeleteOrganizationForm, OrganizationForm, SettingsState
from myapp.web.accounts.organization_settings.transfer import TransferOrganizationForm
from myapp.web.accounts.register.page import register_page
from myapp.web.accounts.register.state import RegisterState
from myapp.web.accounts.reset.page import new_password_page, reset_page
from myapp.web.accounts.reset.state import NewPasswordState, ResetState
from myapp.web.accounts.settings.account import EmailForm, account_page
from myapp.web.accounts.settings.data import LeavingForm, data_page
from myapp.web.accounts.settings.keys import keys_page
from myapp.web.accounts.settings.keys_state import KeysState, NewKeyForm
from myapp.web.accounts.settings.page import settings_page
from myapp.web.accounts.settings.profile_state import ProfileForm
from myapp.web.accounts.settings.sessions import SessionsState, sessions_page
from myapp.web.accounts.state import EntranceState
from myapp.web.accounts.users.page import users_page
from myapp.web.accounts.users.state import UsersState
from myapp.web.blog.exports.state import ExportsState
from myapp.web.blog.home.page import home_page, organization_page
from myapp.web.blog.home.state import HomeState, OrganizationState
from myapp.web.blog.imports.page import imports_page
from myapp.web.blog.imports.state import ImportsState
from myapp.web.blog.post.comments_state import CommentsState
from myapp.web.blog.post.page import post_page
from myapp.web.blog.post.state import PostState
from myapp.web.blog.post.transfer import TransferForm
from myapp.web.blog.post_form.page import edit_page, write_page
from myapp.web.blog.post_form.state import PostFormState
from myapp.web.blog.posts.page import posts_page
from myapp.web.blog.posts.state import PostsState
from myapp.web.blog.search.page import search_page
from myapp.web.blog.search.state import SearchState
from myapp.web.blog.short_forms import ShortFormState, short_form_page
from myapp.web.blog.tags.page import tag_page, tags_page
from myapp.web.blog.tags.state import TagsState, TagState
from myapp.web.chat.room.page import room_page
from myapp.web.chat.room.settings import EditRoomForm, MembersForm
from myapp.web.chat.room.state import RoomState
from myapp.web.chat.rooms.page import rooms_page
from myapp.web.chat.rooms.state import RoomsState
from myapp.web.entries import Entry, Guard
from myapp.web.i18n import t
from myapp.web.layout import page_title
from myapp.web.notifications.page import notifications_page
from myapp.web.notifications.settings import NotificationSettingsState, notification_settings_page
from myapp.web.ops.audit.page import audit_page
from myapp.web.ops.audit.state import AuditState
from myapp.web.ops.chosen import ProcessState
from myapp.web.ops.database.page import database_page
from myapp.web.ops.database.state import StatementState
from myapp.web.ops.home.page import ops_home_page
from myapp.web.ops.jobs.controls_state import QueueState, WorkerState
from myapp.web.ops.jobs.page import jobs_page
from myapp.web.ops.jobs.state import JobsState
from myapp.web.ops.logs.page import logs_page
from myapp.web.ops.logs.state import LogsState
from myapp.web.ops.metrics.page import metrics_page
from myapp.web.ops.metrics.state import MetricsState
from myapp.web.ops.processes.page import processes_page
from myapp.web.ops.processes.state import ChildState
from myapp.web.ops.stores.page import stores_page
from myapp.web.problems import missing_page
from myapp.web.shell import ShellState


@dataclass(frozen=True, slots=True)
class Page:
    """One line of the table."""

    route: str
    content: Callable[[], rx.Component]
    title: str | rx.Var[str]
    on_load: tuple[Any, ...] = ()
    guard: Guard = Guard.ANYONE


PAGES: tuple[Page, ...] = (
    Page("/", home_page, t("Home"), (HomeState.load,)),
    Page("/settings", settings_page, t("Profile"), (ProfileForm.load,), Guard.PERSON),
    Page("/settings/account", account_page, t("Address and password"), (EmailForm.load,), Guard.PERSON),
    Page("/settings/sessions", sessions_page, t("Where you are logged in"), (SessionsState.load,), Guard.PERSON),
    Page("/settings/api-keys", keys_page, t("API keys"), (KeysState.load, NewKeyForm.load), Guard.PERSON),
    Page("/settings/data", data_page, t("Your data"), (LeavingForm.load,), Guard.PERSON),
    Page("/notifications", notifications_page, t("Notifications"), (), Guard.PERSON),
    Page(
        "/settings/notifications",
        notification_settings_page,
        t("Notifications by mail"),
        (NotificationSettingsState.load,),
        Guard.PERSON,
    ),
    Page("/log-in", log_in_page, t("Log in"), (EntranceState.load, EntranceState.load_people, LogInState.load)),
    Page("/log-in/[link_token]", link_page, t("Log in"), (EntranceState.load_link, LinkState.load)),
    Page("/register", register_page, t("Make an account"), (EntranceState.load, RegisterState.load)),
    Page(
        "/confirm/[link_token]", confirm_page, t("Confirm your address"), (EntranceState.load_link, ConfirmState.load)
    ),
    Page("/confirm", confirm_again_page, t("Have the link sent again"), (EntranceState.load, ConfirmAgainState.load)),
    Page("/reset", reset_page, t("Forgot your password?"), (EntranceState.load, ResetState.load)),
    Page(
        "/reset/[link_token]",
        new_password_page,
        t("Choose a new password"),
        (EntranceState.load_link, NewPasswordState.load),
    ),
    Page("/o/[org_slug]", organization_page, OrganizationState.name, (OrganizationState.load,)),
    Page("/o/[org_slug]/posts", posts_page, t("Posts"), (PostsState.load,)),
    Page(
        "/o/[org_slug]/posts/[post_slug]",
        post_page,
        PostState.title,
        (PostState.load, CommentsState.load, TransferForm.load),
    ),
    Page(
        "/o/[org_slug]/posts/[post_slug]/edit",
        edit_page,
        t("Edit a post"),
        (PostFormState.load_post,),
        Guard.MEMBER,
    ),
    Page(
        "/o/[org_slug]/write",
        write_page,
        t("Write a post"),
        (PostFormState.load_new,),
        Guard.MEMBER,
    ),
    Page("/o/[org_slug]/tags", tags_page, t("Tags"), (TagsState.load,)),
    Page("/o/[org_slug]/tags/[tag_slug]", tag_page, TagState.name, (TagState.load,)),
    Page("/o/[org_slug]/chat", rooms_page, t("Chat"), (RoomsState.load,)),
    Page(
        "/o/[org_slug]/chat/[room_slug]",
        room_page,
        RoomState.name,
        (RoomState.load, EditRoomForm.load, MembersForm.load),
    ),
    Page(
        "/o/[org_slug]/people",
        organization_people_page,
        t("People"),
        (OrgPeopleState.load, GroupPeopleForm.load, PersonForm.load, InviteForm.load),
        Guard.MEMBER,
    ),
    Page(
        "/o/[org_slug]/settings",
        organization_settings_page,
        t("Settings"),
        (
            SettingsState.load,
            OrganizationForm.load,
            GroupsState.load,
            NewGroupForm.load,
            RenameGroupForm.load,
            DeleteOrganizationForm.load,
            TransferOrganizationForm.load,
        ),
        Guard.MEMBER,
    ),
    Page("/admin/users", users_page, t("All people"), (UsersState.load,), Guard.OPERATOR),
    Page("/ops", ops_home_page, t("Operations"), (), Guard.OPERATOR),
    Page("/ops/jobs", jobs_page, t("Jobs"), (JobsState.load, QueueState.load, WorkerState.load), Guard.OPERATOR),
    Page("/ops/logs", logs_page, t("Errors and log"), (LogsState.load,), Guard.OPERATOR),
    Page("/ops/processes", processes_page, t("What runs"), (ProcessState.load, ChildState.load), Guard.OPERATOR),
    Page("/ops/stores", stores_page, t("Caches and services"), (ProcessState.load,), Guard.OPERATOR),
    Page("/ops/metrics", metrics_page, t("The last hour"), (MetricsState.load,), Guard.OPERATOR),
    Page("/ops/database", database_page, t("Database"), (ProcessState.load, StatementState.load), Guard.OPERATOR),
    Page("/ops/audit", audit_page, t("Audit trail"), (AuditState.load,), Guard.OPERATOR),
    Page("/organizations/new", new_organization_page, t("New organisation"), (NewOrganizationForm.load,), Guard.PERSON),
    Page("/invitations/[token]", invitation_page, t("You are invited"), (InvitationState.load,)),
    Page(
        "/o/[org_slug]/import",
        imports_page,
        t("Import and export"),
        (ImportsState.load, ExportsState.load),
        Guard.MEMBER,
    ),
    Page("/o/[org_slug]/search", search_page, t("Search"), (SearchState.load,)),
    *(
        Page(routes.short_form(name), short_form_page, title, (ShortFormState.go,), Guard.PERSON)
        for name, title in (
            ("posts", t("Posts")),
            ("write", t("Write a post")),
            ("tags", t("Tags")),
            ("chat", t("Chat")),
            ("import", t("Import and export")),
            ("search", t("Search")),
            ("dashboard", t("Dashboard")),
        )
    ),
    Page("404", missing_page, t("Nothing here")),
)


def add_pages(app: rx.App) -> None:
    """Give the app every page of the table."""
    for page in PAGES:
        app.add_page(page.content, route=page.route, title=page_title(page.title), on_load=[ShellState.enter])
    use_pages()


def use_pages() -> None:
    """Tell the shell what each page loads and who may open it."""
    entries.use_entries({_route_id(page.route): Entry(page.guard, page.on_load) for page in PAGES})
    errors.loads_pages([handler.fn for page in PAGES for handler in page.on_load])


def static_pages() -> list[str]:
    """The addresses without arguments, which are built as files of their own."""
    return [page.route for page in PAGES if page.route.startswith("/") and page.route != "/" and "[" not in page.route]


def _route_id(route: str) -> str:
    """How Reflex names the page in `router.route_id`."""
    return "/" + (route.strip("/") or "index")
