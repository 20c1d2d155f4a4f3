"""Pull requests, their files, and what reviewers say about them."""

from typing import Any

from tests.support.github.records import Branch, ChangedFile, Pull, Review, ReviewComment, Thread
from tests.support.github.shapes.repositories import plain_repository
from tests.support.github.shapes.threads import common, labels_of
from tests.support.github.shapes.users import simple_user
from tests.support.github.shapes.view import View, format_time


def pull_simple(view: View, thread: Thread, pull: Pull) -> dict[str, Any]:
    """Return `pull-request-simple`: an entry of a list."""
    page, url = view.page(thread), view.pull_url(thread.repo, thread.number)
    links = _links(view, thread, pull)
    return {
        "id": thread.id,
        "node_id": f"PR_{thread.id}",
        "url": url,
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "issue_url": links["issue"],
        "commits_url": links["commits"],
        "comments_url": links["comments"],
        "statuses_url": links["statuses"],
        "review_comments_url": links["review_comments"],
        "review_comment_url": links["review_comment"],
        "_links": {name: {"href": href} for name, href in links.items()},
        "labels": labels_of(view, thread),
        "head": _end(view, pull.head),
        "base": _end(view, pull.base),
        "merge_commit_sha": pull.merge_commit,
        "merged_at": format_time(thread.updated) if pull.merged else None,
        "auto_merge": None,
        "requested_reviewers": [],
        "requested_teams": [],
        **common(view, thread),
    }


def pull_request(view: View, thread: Thread, pull: Pull) -> dict[str, Any]:
    """Return `pull-request`: the answer by number."""
    state, key = view.state, (thread.repo, thread.number)
    counted = [file_counts(each) for each in pull.files]
    return {
        **pull_simple(view, thread, pull),
        "merged": pull.merged,
        "merged_by": None,
        "mergeable": True,
        "mergeable_state": "clean",
        "rebaseable": True,
        "maintainer_can_modify": pull.head.repo != pull.base.repo,
        "comments": len(state.comments(*key)),
        "review_comments": len(state.review_comments_of(*key)),
        "commits": 1,
        "additions": sum(added for added, _ in counted),
        "deletions": sum(removed for _, removed in counted),
        "changed_files": len(pull.files),
    }


def _links(view: View, thread: Thread, pull: Pull) -> dict[str, str]:
    url = view.pull_url(thread.repo, thread.number)
    issue = view.issue_url(thread.repo, thread.number)
    repo = view.repo_url(thread.repo)
    return {
        "self": url,
        "html": view.page(thread),
        "issue": issue,
        "comments": f"{issue}/comments",
        "review_comments": f"{url}/comments",
        "review_comment": f"{repo}/pulls/comments{{/number}}",
        "commits": f"{url}/commits",
        "statuses": f"{repo}/statuses/{pull.head.sha}",
    }


def _end(view: View, branch: Branch) -> dict[str, Any]:
    repository = view.repository(branch.repo)
    return {
        "label": f"{repository.owner}:{branch.ref}",
        "ref": branch.ref,
        "sha": branch.sha,
        "user": simple_user(view, repository.owner),
        "repo": plain_repository(view, repository),
    }


def file_counts(changed: ChangedFile) -> tuple[int, int]:
    """Return the added and removed lines of a file."""
    lines = changed.patch.splitlines()
    return sum(each.startswith("+") for each in lines), sum(each.startswith("-") for each in lines)


def diff_entry(view: View, thread: Thread, pull: Pull, changed: ChangedFile) -> dict[str, Any]:
    """Return `diff-entry`: one changed file, with its hunks."""
    added, removed = file_counts(changed)
    page = f"{view.web}/{pull.head.repo}"
    contents = f"{view.repo_url(thread.repo)}/contents/{changed.name}?ref={pull.head.sha}"
    return {
        "sha": pull.head.sha,
        "filename": changed.name,
        "status": changed.status,
        "additions": added,
        "deletions": removed,
        "changes": added + removed,
        "blob_url": f"{page}/blob/{pull.head.sha}/{changed.name}",
        "raw_url": f"{page}/raw/{pull.head.sha}/{changed.name}",
        "contents_url": contents,
        "patch": changed.patch,
    }


def review(view: View, shown: Review) -> dict[str, Any]:
    """Return `pull-request-review`."""
    url = view.pull_url(shown.repo, shown.number)
    page = f"{view.page_of(shown.repo, shown.number)}#pullrequestreview-{shown.id}"
    return {
        "id": shown.id,
        "node_id": f"PRR_{shown.id}",
        "user": simple_user(view, shown.author),
        "body": shown.body,
        "state": shown.state,
        "html_url": page,
        "pull_request_url": url,
        "author_association": view.association(shown.repo, shown.author),
        "_links": {"html": {"href": page}, "pull_request": {"href": url}},
        "submitted_at": format_time(shown.submitted),
        "commit_id": shown.commit,
    }


def reviewed(view: View, shown: Review) -> dict[str, Any]:
    """Return `timeline-reviewed-event`: a review in the timeline."""
    return {**review(view, shown), "event": "reviewed", "state": shown.state.lower()}


def review_comment(view: View, shown: ReviewComment) -> dict[str, Any]:
    """Return `pull-request-review-comment`: a comment on lines of the diff."""
    pull = view.pull_url(shown.repo, shown.number)
    url = f"{view.repo_url(shown.repo)}/pulls/comments/{shown.id}"
    page = f"{view.page_of(shown.repo, shown.number)}#discussion_r{shown.id}"
    reply = {} if shown.reply_to is None else {"in_reply_to_id": shown.reply_to}
    links = {"self": url, "html": page, "pull_request": pull}
    return {
        "id": shown.id,
        "node_id": f"PRRC_{shown.id}",
        "url": url,
        "html_url": page,
        "pull_request_url": pull,
        "pull_request_review_id": shown.review,
        "diff_hunk": shown.hunk,
        "commit_id": shown.commit,
        "original_commit_id": shown.commit,
        "user": simple_user(view, shown.author),
        "body": shown.body,
        "created_at": format_time(shown.created),
        "updated_at": format_time(shown.updated),
        "author_association": view.association(shown.repo, shown.author),
        "_links": {name: {"href": href} for name, href in links.items()},
        **_position(shown),
        **reply,
    }


def _position(shown: ReviewComment) -> dict[str, Any]:
    position = shown.position
    return {
        "path": position.path,
        "line": position.line,
        "original_line": position.line,
        "side": position.side,
        "start_line": position.start_line,
        "original_start_line": position.start_line,
        "start_side": position.start_side,
        "subject_type": "file" if position.line is None else "line",
    }
