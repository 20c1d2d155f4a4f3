"""Workflow runs and their artifacts."""

from datetime import timedelta
from typing import Any

from tests.support.github.records import Artifact, Branch, Run, Thread
from tests.support.github.shapes.repositories import minimal_repository
from tests.support.github.shapes.users import simple_user
from tests.support.github.shapes.view import View, format_time

_KEPT = timedelta(days=90)


def workflow_run(view: View, run: Run, *, with_pulls: bool) -> dict[str, Any]:
    """Return `workflow-run`; for a fork's run `pull_requests` is empty, as at GitHub."""
    head = view.repository(run.head.repo)
    return {
        "id": run.id,
        "node_id": f"WFR_{run.id}",
        "name": run.path.rpartition("/")[2],
        "path": run.path,
        "head_branch": run.head.ref,
        "head_sha": run.head.sha,
        "run_number": 1,
        "run_attempt": 1,
        "display_title": run.head.ref,
        "event": run.event,
        "status": run.status,
        "conclusion": run.conclusion,
        "workflow_id": 1,
        "created_at": format_time(run.created),
        "updated_at": format_time(run.created),
        "run_started_at": format_time(run.created),
        "actor": simple_user(view, head.owner),
        "triggering_actor": simple_user(view, head.owner),
        "head_commit": _head_commit(run, head.owner),
        "repository": minimal_repository(view, view.repository(run.repo)),
        "head_repository": minimal_repository(view, head),
        "pull_requests": _pulls(view, run) if with_pulls else [],
        **_addresses(view, run),
    }


def _addresses(view: View, run: Run) -> dict[str, str]:
    repo = view.repo_url(run.repo)
    url = f"{repo}/actions/runs/{run.id}"
    return {
        "url": url,
        "html_url": f"{view.web}/{run.repo}/actions/runs/{run.id}",
        "jobs_url": f"{url}/jobs",
        "logs_url": f"{url}/logs",
        "check_suite_url": f"{repo}/check-suites/{run.id}",
        "artifacts_url": f"{url}/artifacts",
        "cancel_url": f"{url}/cancel",
        "rerun_url": f"{url}/rerun",
        "workflow_url": f"{repo}/actions/workflows/1",
    }


def _head_commit(run: Run, owner: str) -> dict[str, Any]:
    person = {"name": owner, "email": "noreply@github.com"}
    return {
        "id": run.head.sha,
        "tree_id": run.head.sha,
        "message": "A commit",
        "timestamp": format_time(run.created),
        "author": person,
        "committer": person,
    }


def _pulls(view: View, run: Run) -> list[dict[str, Any]]:
    """Return the open pull requests from the repository itself."""
    pulls = view.state.pulls_of_commit(run.repo, run.head.sha)
    return [
        _pull(view, thread, thread.pull.head, thread.pull.base)
        for thread in pulls
        if thread.pull and thread.state == "open" and run.head.repo == run.repo
    ]


def _pull(view: View, thread: Thread, head: Branch, base: Branch) -> dict[str, Any]:
    return {
        "id": thread.id,
        "number": thread.number,
        "url": view.pull_url(thread.repo, thread.number),
        "head": _end(view, head),
        "base": _end(view, base),
    }


def _end(view: View, branch: Branch) -> dict[str, Any]:
    repository = view.repository(branch.repo)
    name = repository.name.partition("/")[2]
    return {
        "ref": branch.ref,
        "sha": branch.sha,
        "repo": {"id": repository.id, "url": view.repo_url(branch.repo), "name": name},
    }


def artifact(view: View, shown: Artifact) -> dict[str, Any]:
    """Return `artifact`; its contents cannot be downloaded."""
    url = f"{view.repo_url(shown.repo)}/actions/artifacts/{shown.id}"
    run = view.state.runs[shown.run]
    return {
        "id": shown.id,
        "node_id": f"AF_{shown.id}",
        "name": shown.name,
        "size_in_bytes": shown.size,
        "url": url,
        "archive_download_url": f"{url}/zip",
        "expired": shown.expired,
        "created_at": format_time(shown.created),
        "updated_at": format_time(shown.created),
        "expires_at": format_time(shown.created + _KEPT),
        "workflow_run": {
            "id": run.id,
            "repository_id": view.repository(run.repo).id,
            "head_repository_id": view.repository(run.head.repo).id,
            "head_branch": run.head.ref,
            "head_sha": run.head.sha,
        },
    }
