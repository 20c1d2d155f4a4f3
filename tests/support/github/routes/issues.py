"""The issues of a repository: listed, opened, changed."""

from datetime import datetime

from tests.support.github.answers import Answer, check_length
from tests.support.github.call import Call
from tests.support.github.pages import page
from tests.support.github.records import Thread
from tests.support.github.shapes import threads


def listed(call: Call) -> Answer:
    """Return issues and pull requests by state and author, the newest first unless asked."""
    repo = call.repository().name
    call.may_read("issues")
    state, creator = call.query.get("state", "open"), call.query.get("creator", "")
    selected = [
        thread
        for thread in call.state.threads_of(repo)
        if state in ("all", thread.state) and creator.lower() in ("", thread.author.lower())
    ]
    selected.sort(key=_sort_key, reverse=call.query.get("direction", "desc") == "desc")
    return page(call, selected, lambda thread: threads.issue(call.view, thread))


def create(call: Call) -> Answer:
    """Open an issue with the next free number."""
    repo = call.repository().name
    call.may_write("issues")
    text = call.body.get("body") or ""
    check_length("Issue", text)
    number = max((thread.number for thread in call.state.threads_of(repo)), default=0) + 1
    call.state.open_issue(repo, number, call.login, call.body["title"])
    shown = threads.issue(call.view, call.state.edit_thread(repo, number, body=text))
    return Answer(201, shown, {"Location": shown["url"]})


def edit(call: Call) -> Answer:
    """Change the text, the title or the state of an issue."""
    thread = call.thread()
    call.may_write_to(thread)
    check_length("Issue", call.body.get("body") or "")
    names = call.body.keys() & {"body", "title", "state"}
    changes = {name: call.body[name] for name in names}
    edited = call.state.edit_thread(thread.repo, thread.number, **changes)
    return Answer(200, threads.issue(call.view, edited))


def _sort_key(thread: Thread) -> tuple[datetime, int]:
    return thread.created, thread.number
