"""Commits and their statuses."""

from datetime import datetime
from typing import Any

from tests.support.github.records import CommitStatus, Repository
from tests.support.github.shapes.repositories import minimal_repository
from tests.support.github.shapes.users import simple_user
from tests.support.github.shapes.view import View, format_time


def commit(view: View, repository: Repository, sha: str, created_at: datetime) -> dict[str, Any]:
    """Return `commit` with SHA and time; the stand-in knows no contents."""
    url = f"{view.repo_url(repository.name)}/commits/{sha}"
    git = f"{view.repo_url(repository.name)}/git"
    owner = simple_user(view, repository.owner)
    person = {
        "name": repository.owner,
        "email": "noreply@github.com",
        "date": format_time(created_at),
    }
    return {
        "sha": sha,
        "node_id": f"C_{sha}",
        "url": url,
        "html_url": f"{view.web}/{repository.name}/commit/{sha}",
        "comments_url": f"{url}/comments",
        "commit": {
            "url": f"{git}/commits/{sha}",
            "author": person,
            "committer": person,
            "message": "A commit",
            "comment_count": 0,
            "tree": {"sha": sha, "url": f"{git}/trees/{sha}"},
        },
        "author": owner,
        "committer": owner,
        "parents": [],
    }


def status(view: View, shown: CommitStatus) -> dict[str, Any]:
    """Return `status`: the answer to its creator."""
    return {**simple_status(view, shown), "creator": simple_user(view, shown.creator)}


def simple_status(view: View, shown: CommitStatus) -> dict[str, Any]:
    """Return `simple-commit-status`: an entry of the combined status."""
    return {
        "id": shown.id,
        "node_id": f"SC_{shown.id}",
        "url": f"{view.repo_url(shown.repo)}/statuses/{shown.sha}",
        "avatar_url": simple_user(view, shown.creator)["avatar_url"],
        "state": shown.state,
        "context": shown.context,
        "description": shown.description,
        "target_url": shown.target_url,
        "created_at": format_time(shown.created),
        "updated_at": format_time(shown.created),
    }


def combined_status(
    view: View, repository: Repository, sha: str, shown: list[dict[str, Any]], total: int
) -> dict[str, Any]:
    """Return `combined-commit-status`: the combined state, and a page of statuses."""
    url = f"{view.repo_url(repository.name)}/commits/{sha}"
    states = {each.state for each in view.state.statuses_of(repository.name, sha)}
    return {
        "state": _together(states),
        "sha": sha,
        "total_count": total,
        "statuses": shown,
        "repository": minimal_repository(view, repository),
        "commit_url": url,
        "url": f"{url}/status",
    }


def _together(states: set[str]) -> str:
    if states & {"error", "failure"}:
        return "failure"
    return "success" if states == {"success"} else "pending"
