"""What many look at, or what grows, is a stream: a state holds lists only that stay small, each with what bounds it."""

from __future__ import annotations

from typing import get_origin

import reflex as rx
from reflex.utils.types import get_base_class

from myapp import myapp as product
from myapp.web import router

BOUNDED = {
    "CommentsState.mentions": "the first 100 other sites that link to a post",
    "GroupPeopleForm.suggestions": "20 people who fit what is typed",
    "GroupsState.groups": "an organisation's groups: 50",
    "HomeState.own": "the private organisations one belongs to",
    "ExportsState.exports": "the last 5 exports",
    "ImportsState.imports": "the last 20 imports",
    "InviteForm.roles": "the roles there are: 4",
    "MembersForm.suggestions": "20 people who fit what is typed",
    "OrgPeopleState.groups": "an organisation's groups: 50",
    "OrgPeopleState.invited": "a page of 20",
    "OrgPeopleState.people": "a page of 20",
    "OrganizationState.authors": "the 8 who write most",
    "OrganizationState.tags": "the 12 that are used most",
    "EntranceState.people": "the demonstration's people",
    "PersonForm.groups": "an organisation's groups: 50",
    "PersonForm.roles": "the roles there are: 4",
    "PostFormState.conflict": "the fields that two people have changed at once",
    "PostFormState.suggestions": "20 tags that fit what is typed",
    "PostState.attachments": "the files of one post: 50",
    "PostState.meta": "the metadata of one post: 10 kB",
    "PostState.tags": "the tags of one post: 100",
    "PostsState.authors": "the 100 who write most",
    "PostsState.chosen": "the filters in an address: 8 tags and one of each other kind",
    "PostsState.suggestions": "20 tags that fit what is typed",
    "KeysState.keys": "the 25 keys that one may have",
    "SessionsState.programs": "the last 100 programs that one has logged in with",
    "SessionsState.sessions": "the browsers that one is logged in with",
    "ShellState.flashes": "messages of this page and the one before",
    "ShellState.places": "the organisations one belongs to",
    "ShellState.pushes": "the last five words to the browser",
    "TransferForm.suggestions": "20 people who fit what is typed",
    "TransferOrganizationForm.suggestions": "20 people who fit what is typed",
    "AuditState.entries": "a page of 50",
    "JobsState.errors": "one for each attempt of a job",
    "JobsState.jobs": "a page of 50",
    "JobsState.steps": "the six moments of a job",
    "LogsState.lines": "the first 200",
    "MetricsState.groups": "the first words of the names of metrics",
    "UsersState.users": "a page of 20",
}


def test_every_list_that_a_state_holds_is_known_to_stay_small() -> None:
    router.use_pages()
    assert product.app is not None  # with it every state is imported
    assert _lists() == BOUNDED.keys()


def _lists() -> set[str]:
    return {
        f"{state.__name__}.{name}"
        for state in _below(rx.State)
        if state.__module__.startswith("myapp.")
        for name, var in state.base_vars.items()
        if issubclass(get_origin(var._var_type) or get_base_class(var._var_type), list | set | tuple)
    }


def _below(base: type[rx.State]) -> list[type[rx.State]]:
    below = [each for each in base.__subclasses__() if issubclass(each, rx.State)]
    return [*below, *(deeper for each in below for deeper in _below(each))]
