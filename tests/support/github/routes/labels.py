"""Labels of issues and pull requests, and what is remembered about them."""

from http import HTTPStatus
from typing import Any

from tests.support.github.answers import Answer, Refusal
from tests.support.github.call import Call
from tests.support.github.pages import page
from tests.support.github.records import Thread
from tests.support.github.shapes import pulls, threads


def listed(call: Call) -> Answer:
    """The labels that it carries now."""
    thread = call.thread()
    call.may_read_in(thread)
    return page(call, threads.labels_of(call.view, thread), dict)


def add(call: Call) -> Answer:
    """More labels; the ones that are new to the repository are made."""
    thread = call.thread()
    call.may_write_to(thread)
    for name in _names(call.body):
        call.state.label(thread.repo, thread.number, name, call.login)
    return _now(call)


def set_all(call: Call) -> Answer:
    """These labels and no others."""
    thread = call.thread()
    call.may_write_to(thread)
    wanted = _names(call.body)
    kept = {each.lower() for each in wanted}
    for name in thread.labels:
        if name.lower() not in kept:
            call.state.unlabel(thread.repo, thread.number, name, call.login)
    for name in wanted:
        call.state.label(thread.repo, thread.number, name, call.login)
    return _now(call)


def remove(call: Call) -> Answer:
    """One label less."""
    thread = call.thread()
    call.may_write_to(thread)
    name = call.values["name"]
    if name.lower() not in {each.lower() for each in thread.labels}:
        raise Refusal(HTTPStatus.NOT_FOUND, "Label does not exist")
    call.state.unlabel(thread.repo, thread.number, name, call.login)
    return _now(call)


def remove_all(call: Call) -> Answer:
    """No label any more."""
    thread = call.thread()
    call.may_write_to(thread)
    for name in thread.labels:
        call.state.unlabel(thread.repo, thread.number, name, call.login)
    return Answer(204)


def events(call: Call) -> Answer:
    """Who set and took away which label, and when."""
    thread = call.thread()
    call.may_read_in(thread)
    found = call.state.events_of(thread.repo, thread.number)
    return page(call, found, lambda each: threads.event(call.view, each))


def timeline(call: Call) -> Answer:
    """The same, among comments and reviews. Ids grow with time, so they give the order."""
    thread = call.thread()
    call.may_read_in(thread)
    left_out = set(call.query.get("exclude", "").split(","))
    told = [each for each in _told(call, thread) if each["event"] not in left_out]
    return page(call, sorted(told, key=lambda each: int(each["id"])), dict)


def _told(call: Call, thread: Thread) -> list[dict[str, Any]]:
    state, key = call.state, (thread.repo, thread.number)
    return [
        *(threads.event(call.view, each) for each in state.events_of(*key)),
        *(threads.commented(call.view, each) for each in state.comments(*key)),
        *(
            pulls.reviewed(call.view, each)
            for each in state.reviews_of(*key)
            if each.state != "PENDING"
        ),
    ]


def _names(body: Any) -> list[str]:
    """A list, or an object around one; each label as a name, or as an object with one."""
    given = body if isinstance(body, list) else (body or {}).get("labels", [])
    return [each if isinstance(each, str) else each["name"] for each in given]


def _now(call: Call) -> Answer:
    return Answer(200, threads.labels_of(call.view, call.thread()))
