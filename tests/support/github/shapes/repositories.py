"""Repositories."""

from typing import Any

from tests.support.github.records import Repository
from tests.support.github.shapes.users import simple_user
from tests.support.github.shapes.view import View, format_time

# Each field that is nothing but the repository's address with something after it.
_ADDRESSES = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
    "url": "",
}
_COUNTED = (
    "forks", "forks_count", "open_issues", "open_issues_count", "size", "stargazers_count",
    "watchers", "watchers_count",
)  # fmt: skip


def minimal_repository(view: View, repository: Repository) -> dict[str, Any]:
    """Return `minimal-repository`: part of a status or a run."""
    url = view.repo_url(repository.name)
    return {
        "id": repository.id,
        "node_id": f"R_{repository.id}",
        "name": repository.name.partition("/")[2],
        "full_name": repository.name,
        "private": repository.private,
        "owner": simple_user(view, repository.owner),
        "html_url": f"{view.web}/{repository.name}",
        "description": None,
        "fork": repository.fork,
        **{field: url + rest for field, rest in _ADDRESSES.items()},
    }


def plain_repository(view: View, repository: Repository) -> dict[str, Any]:
    """Return `repository`: part of both ends of a pull request."""
    page = f"{view.web}/{repository.name}"
    switches = ("has_issues", "has_projects", "has_wiki", "has_downloads", "has_discussions")
    return {
        **minimal_repository(view, repository),
        **dict.fromkeys(("homepage", "language", "mirror_url", "license")),
        **dict.fromkeys(_COUNTED, 0),
        **dict.fromkeys(switches, True),
        **dict.fromkeys(("has_pages", "archived", "disabled"), False),
        "clone_url": f"{page}.git",
        "git_url": f"git:{page.partition(':')[2]}.git",
        "ssh_url": f"git@stand-in:{repository.name}.git",
        "svn_url": page,
        "default_branch": repository.default_branch,
        "visibility": "private" if repository.private else "public",
        **{
            field: format_time(repository.created)
            for field in ("created_at", "updated_at", "pushed_at")
        },
    }


def full_repository(view: View, repository: Repository) -> dict[str, Any]:
    """Return `full-repository`: the answer by name."""
    return {**plain_repository(view, repository), "network_count": 0, "subscribers_count": 0}
