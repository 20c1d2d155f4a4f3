"""Events of GitHub on which the command line starts no image.

The action builds nothing on them in the first place; this is for a workflow that calls the command.
"""

from collections.abc import Mapping

from bot.errors import InputError

# Anybody's pull request or comment starts them, with the token and secrets of the base repository.
_TRUSTED_EVENTS = frozenset({"pull_request_target", "workflow_run", "issue_comment"})


def refuse_start(environment: Mapping[str, str]) -> None:
    """Raise InputError if images may not be started on the event of this job."""
    name = environment.get("GITHUB_EVENT_NAME", "")
    if name in _TRUSTED_EVENTS:
        raise InputError(
            f"--verify starts nothing on {name}.",
            "this event runs with the rights of the base repository, and --verify starts what a "
            "pull request may have built",
            "verify on `pull_request`, or leave out --verify",
        )
