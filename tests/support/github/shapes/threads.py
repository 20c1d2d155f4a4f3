"""Issues with their comments, labels and events. Every pull request is an issue too."""

from typing import Any
from urllib.parse import quote

from tests.support.github.records import Comment, Event, Label, Thread
from tests.support.github.shapes.users import simple_user
from tests.support.github.shapes.view import View, format_time

_REACTIONS = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")


def issue(view: View, thread: Thread) -> dict[str, Any]:
    """Return `issue`; only a pull request has the field `pull_request`."""
    url = view.issue_url(thread.repo, thread.number)
    shown = {
        "id": thread.id,
        "node_id": f"{'PR' if thread.pull else 'I'}_{thread.id}",
        "url": url,
        "repository_url": view.repo_url(thread.repo),
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "timeline_url": f"{url}/timeline",
        "html_url": view.page(thread),
        "comments": len(view.state.comments(thread.repo, thread.number)),
        "labels": labels_of(view, thread),
        "reactions": _reactions(url),
        "performed_via_github_app": None,
        "state_reason": None,
        **common(view, thread),
    }
    return {**shown, "pull_request": _pull_of_issue(view, thread)} if thread.pull else shown


def common(view: View, thread: Thread) -> dict[str, Any]:
    """Return the fields that issues and pull requests share."""
    closed = thread.state == "closed"
    return {
        "number": thread.number,
        "state": thread.state,
        "locked": False,
        "active_lock_reason": None,
        "title": thread.title,
        "body": thread.body,
        "user": simple_user(view, thread.author),
        "assignee": None,
        "assignees": [],
        "milestone": None,
        "draft": bool(thread.pull and thread.pull.draft),
        "author_association": view.association(thread.repo, thread.author),
        "created_at": format_time(thread.created),
        "updated_at": format_time(thread.updated),
        "closed_at": format_time(thread.updated) if closed else None,
    }


def _pull_of_issue(view: View, thread: Thread) -> dict[str, Any]:
    page = view.page(thread)
    merged = thread.pull is not None and thread.pull.merged
    return {
        "url": view.pull_url(thread.repo, thread.number),
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "merged_at": format_time(thread.updated) if merged else None,
    }


def labels_of(view: View, thread: Thread) -> list[dict[str, Any]]:
    """Return the labels of an issue or pull request."""
    return [label(view, view.state.repository_label(thread.repo, name)) for name in thread.labels]


def label(view: View, shown: Label) -> dict[str, Any]:
    """Return `label`."""
    return {
        "id": shown.id,
        "node_id": f"LA_{shown.id}",
        "url": f"{view.repo_url(shown.repo)}/labels/{quote(shown.name, safe='')}",
        "name": shown.name,
        "color": shown.color,
        "default": False,
        "description": shown.description,
    }


def comment(view: View, shown: Comment) -> dict[str, Any]:
    """Return `issue-comment`."""
    url = f"{view.repo_url(shown.repo)}/issues/comments/{shown.id}"
    return {
        "id": shown.id,
        "node_id": f"IC_{shown.id}",
        "url": url,
        "html_url": f"{view.page_of(shown.repo, shown.number)}#issuecomment-{shown.id}",
        "issue_url": view.issue_url(shown.repo, shown.number),
        "user": simple_user(view, shown.author),
        "body": shown.body,
        "created_at": format_time(shown.created),
        "updated_at": format_time(shown.updated),
        "author_association": view.association(shown.repo, shown.author),
        "reactions": _reactions(url),
        "performed_via_github_app": None,
    }


def event(view: View, shown: Event) -> dict[str, Any]:
    """Return `labeled-issue-event`, `unlabeled-issue-event`, or `state-change-issue-event`.

    The description has no schema of its own for a force push.
    """
    label = {"name": shown.label.name, "color": shown.label.color} if shown.label else None
    return {
        "id": shown.id,
        "node_id": f"LE_{shown.id}",
        "url": f"{view.repo_url(shown.repo)}/issues/events/{shown.id}",
        "actor": simple_user(view, shown.actor),
        "event": shown.kind,
        "commit_id": None,
        "commit_url": None,
        "created_at": format_time(shown.created),
        **({"label": label} if label else {"state_reason": None}),
        "performed_via_github_app": None,
    }


def commented(view: View, shown: Comment) -> dict[str, Any]:
    """Return `timeline-comment-event`: a comment in the timeline."""
    author = simple_user(view, shown.author)
    return {**comment(view, shown), "event": "commented", "actor": author}


def _reactions(url: str) -> dict[str, Any]:
    return {"url": f"{url}/reactions", "total_count": 0, **dict.fromkeys(_REACTIONS, 0)}
