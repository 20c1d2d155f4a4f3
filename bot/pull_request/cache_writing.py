"""The caches of builds that an event may write."""

from bot.model.build_cache import CacheWriter
from bot.pull_request.event import Event


def choose_cache_writer(event: Event) -> CacheWriter:
    """Return the writer of caches that a job is.

    A run on another branch counts as nobody: GitHub gives its cache to pull requests that are based
    on that branch. Nor do a fork's pull request, Dependabot's and the push to a fork write any.
    """
    if event.is_accepted and not event.is_of_fork:
        return CacheWriter.DEFAULT_BRANCH
    pull = event.pull_request
    is_own = event.name == "pull_request" and pull is not None and not pull.lacks_secrets
    return CacheWriter.PULL_REQUEST if is_own else CacheWriter.OTHER
