"""GitHub, by way of PyGithub: one repository, as far as a token reaches, and its refusals in words."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from github import Auth, Github, GithubException
from github.Repository import Repository
from urllib3.util import Retry

from bot.doc_links import page
from bot.errors import CannotPublish

T = TypeVar("T")
# What PyGithub trips over in an answer that is not GitHub's, such as a proxy's page.
_NOT_UNDERSTOOD = (
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)
_FAILURES = (GithubException, OSError, *_NOT_UNDERSTOOD)
_NO_RIGHT = (403, 404)
_LIMITED = (403, 429)
_UNSAID_PAUSE = 60  # seconds; what GitHub's documentation asks for where an answer asks for nothing
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds: for an answer, before a second try, and when GitHub asks for it."""

    timeout: int = 20
    backoff: float = 1
    longest_pause: float = 60


@dataclass(frozen=True, slots=True)
class Errand:
    """What is to be done, in the words that say it was not, and what it takes."""

    failed: str
    right: str


class GitHub:
    """One repository."""

    def __init__(
        self,
        api_url: str,
        token: str,
        repository: str,
        *,
        verify: str | bool = True,
        patience: Patience = Patience(),
    ) -> None:
        """Asks nothing yet. `verify` is the file of the certificates to trust."""
        self._patience = patience
        self._client = Github(
            base_url=api_url,
            auth=Auth.Token(token),
            timeout=patience.timeout,
            verify=verify,
            lazy=True,
            per_page=100,
            retry=_retry(patience),
            seconds_between_requests=0,
            seconds_between_writes=0,
        )
        self._name = repository

    def run(self, errand: Errand, act: Callable[[Repository], T]) -> T:
        """Does what reads before it writes, and so may be done again; CannotPublish if it cannot be done.

        An answer that never came leaves open whether a write was taken. The second try finds out,
        since it reads what stands there first: nothing is written twice.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return act(self._client.get_repo(self._name))
            except _FAILURES as problem:
                pause = self._pause(problem)
                if pause is None or attempt == _ATTEMPTS:
                    raise _explained(errand, problem) from problem
                time.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def login(self) -> str | None:
        """Who we are; None for the token of a workflow or an app, which may not ask."""
        try:
            login = self._client.get_user().login
        except GithubException as problem:
            if problem.status != 403 or _asked_pause(problem) is not None:
                raise
            return None
        if not login:
            raise ValueError("the answer to who we are names nobody")
        return login

    def close(self) -> None:
        """Lets go of the connections."""
        self._client.close()

    def _pause(self, problem: Exception) -> float | None:
        """How long to wait before another try; None where none would help."""
        if not isinstance(problem, GithubException):
            return self._patience.backoff
        if problem.status in _LIMITED:
            asked = _asked_pause(problem)
            return asked if asked is not None and asked <= self._patience.longest_pause else None
        return None if problem.status in (401, 422) else self._patience.backoff


def _retry(patience: Patience) -> Retry:
    """Reads are tried again at once; a write that may have been taken is not."""
    return Retry(
        total=1,
        backoff_factor=patience.backoff,
        status_forcelist=(502, 503, 504),
        allowed_methods=("GET",),
        respect_retry_after_header=False,
    )


def _asked_pause(problem: GithubException) -> float | None:
    """The pause that a rate limit asks for; None if the refusal is about something else."""
    headers = problem.headers or {}
    if "retry-after" in headers:
        return _seconds(headers["retry-after"]) or _UNSAID_PAUSE
    if str(headers.get("x-ratelimit-remaining")) == "0":
        reset = _seconds(headers.get("x-ratelimit-reset", ""))
        return _UNSAID_PAUSE if reset is None else max(reset - time.time(), 0) + 1
    is_limit = problem.status == 429 or "rate limit" in _said(problem).lower()
    return _UNSAID_PAUSE if is_limit else None


def _seconds(value: str | int) -> float | None:
    return float(value) if str(value).isdecimal() else None


def _said(problem: GithubException) -> str:
    """GitHub's own words, those on single fields too."""
    data = problem.data if isinstance(problem.data, dict) else {}
    errors = data.get("errors")
    found = errors if isinstance(errors, list) else []
    about = [each.get("message") if isinstance(each, dict) else each for each in found]
    said = data.get("message") or problem.message or "without a reason"
    return ": ".join(str(x) for x in (said, "; ".join(str(x) for x in about if x)) if x)


def _explained(errand: Errand, problem: Exception) -> CannotPublish:
    if isinstance(problem, OSError):
        return CannotPublish(f"{errand.failed} GitHub could not be reached.", str(problem))
    if not isinstance(problem, GithubException):
        fix = "check the API's address, and whether a proxy on the way answers in GitHub's place"
        return CannotPublish(f"{errand.failed} GitHub could not be understood.", str(problem), fix)
    why = f"GitHub answered {problem.status}: {_said(problem)}"
    if problem.status in _LIMITED and _asked_pause(problem) is not None:
        return CannotPublish(errand.failed, why, "run the job again later")
    if problem.status == 401:
        return CannotPublish(errand.failed, why, "check github-token: it is wrong or has expired")
    if problem.status in _NO_RIGHT:
        fix = f"give the job `{errand.right}`; a fork's token cannot have it, see {page('forks')}"
        return CannotPublish(errand.failed, why, fix)
    return CannotPublish(errand.failed, why)
