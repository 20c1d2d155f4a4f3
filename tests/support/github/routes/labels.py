"""Labels of issues and pull requests, and what is remembered about them."""

from http import HTTPStatus
from typing import Any

from tests.support.github.answers import Answer, Refusal
from tests.support.github.call import Call
from tests.support.github.pages import page
from tests.support.github.records import Thread
from tests.support.github.shapes import pulls, threads


def listed(call: Call) -> Answer:
    """Return the present labels."""
    thread = call.thread()
    call.may_read_in(thread)
    return page(call, threads.labels_of(call.view, thread), dict)


def add(call: Call) -> Answer:
    """Add labels; those that are new to the repository are created."""
    thread = call.thread()
    call.may_write_to(thread)
    for name in _names(call.body):
        call.state.label(thread.repo, thread.number, name, call.login)
    return _list_labels(call)


def set_all(call: Call) -> Answer:
    """Replace all labels."""
    thread = call.thread()
    call.may_write_to(thread)
    names = _names(call.body)
    lower_names = {each.lower() for each in names}
    for name in thread.labels:
        if name.lower() not in lower_names:
            call.state.unlabel(thread.repo, thread.number, name, call.login)
    for name in names:
        call.state.label(thread.repo, thread.number, name, call.login)
    return _list_labels(call)


def remove(call: Call) -> Answer:
    """Remove a label."""
    thread = call.thread()
    call.may_write_to(thread)
    name = call.values["name"]
    if name.lower() not in {each.lower() for each in thread.labels}:
        raise Refusal(HTTPStatus.NOT_FOUND, "Label does not exist")
    call.state.unlabel(thread.repo, thread.number, name, call.login)
    return _list_labels(call)


def remove_all(call: Call) -> Answer:
    """Remove all labels."""
    thread = call.thread()
    call.may_write_to(thread)
    for name in thread.labels:
        call.state.unlabel(thread.repo, thread.number, name, call.login)
    return Answer(204)


def events(call: Call) -> Answer:
    """Return the events that set and removed labels, with login and time."""
    thread = call.thread()
    call.may_read_in(thread)
    events = call.state.events_of(thread.repo, thread.number)
    return page(call, events, lambda event: threads.event(call.view, event))


def timeline(call: Call) -> Answer:
    """Return events, comments and reviews, ordered by their increasing ids."""
    thread = call.thread()
    call.may_read_in(thread)
    left_out = set(call.query.get("exclude", "").split(","))
    entries = [entry for entry in _list_entries(call, thread) if entry["event"] not in left_out]
    return page(call, sorted(entries, key=lambda entry: int(entry["id"])), dict)


def _list_entries(call: Call, thread: Thread) -> list[dict[str, Any]]:
    state, key = call.state, (thread.repo, thread.number)
    return [
        *(threads.event(call.view, review) for review in state.events_of(*key)),
        *(threads.commented(call.view, review) for review in state.comments(*key)),
        *(
            pulls.reviewed(call.view, review)
            for review in state.reviews_of(*key)
            if review.state != "PENDING"
        ),
    ]


def _names(body: Any) -> list[str]:
    """Return label names from a list or an object around one, as strings or objects."""
    labels = body if isinstance(body, list) else (body or {}).get("labels", [])
    return [each if isinstance(each, str) else each["name"] for each in labels]


def _list_labels(call: Call) -> Answer:
    return Answer(200, threads.labels_of(call.view, call.thread()))
