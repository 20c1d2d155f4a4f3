"""Accounts."""

from typing import Any

from tests.support.github.records import Account
from tests.support.github.shapes.view import View, format_time

_ROLES = ("pull", "triage", "push", "maintain", "admin")
_NAMED = {"read": 1, "triage": 2, "write": 3, "maintain": 4, "admin": 5, "none": 0}
# The older field knows fewer words than the newer one.
_PERMISSION = {"maintain": "write", "triage": "read"}


def simple_user(view: View, login: str) -> dict[str, Any]:
    """Return `simple-user`: the author in every other object."""
    account = view.state.account(login)
    url = f"{view.api}/users/{account.login}"
    return {
        "login": account.login,
        "id": account.id,
        "node_id": f"{'BOT' if account.kind == 'Bot' else 'U'}_{account.id}",
        "avatar_url": f"{view.web}/avatars/{account.id}",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{view.web}/{account.login}",
        "followers_url": f"{url}/followers",
        "following_url": f"{url}/following{{/other_user}}",
        "gists_url": f"{url}/gists{{/gist_id}}",
        "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{url}/subscriptions",
        "organizations_url": f"{url}/orgs",
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events{{/privacy}}",
        "received_events_url": f"{url}/received_events",
        "type": account.kind,
        "site_admin": False,
    }


def public_user(view: View, account: Account) -> dict[str, Any]:
    """Return `public-user`: the public view of an account."""
    unsaid = ("name", "company", "blog", "location", "email", "hireable", "bio")
    return {
        **simple_user(view, account.login),
        **dict.fromkeys(unsaid),
        **dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0),
        "created_at": format_time(account.created),
        "updated_at": format_time(account.created),
        "user_view_type": "public",
    }


def private_user(view: View, account: Account) -> dict[str, Any]:
    """Return `private-user`: an account as its user sees it."""
    counted = ("private_gists", "total_private_repos", "owned_private_repos", "disk_usage")
    return {
        **public_user(view, account),
        **dict.fromkeys(counted, 0),
        "collaborators": 0,
        "two_factor_authentication": True,
        "user_view_type": "private",
    }


def collaborator_permission(view: View, login: str, role: str) -> dict[str, Any]:
    """Return `repository-collaborator-permission`: a user's right on a repository."""
    reach = _NAMED[role]
    permissions = {name: place < reach for place, name in enumerate(_ROLES)}
    user = simple_user(view, login)
    return {
        "permission": _PERMISSION.get(role, role),
        "role_name": role,
        "user": {**user, "permissions": permissions, "role_name": role},
    }
