"""GitHub's API through PyGithub: one repository, retries, and errors in plain words."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from github import Auth, Github, GithubException
from github.Repository import Repository
from github.Requester import (
    HTTPRequestsConnectionClass,
    HTTPSRequestsConnectionClass,
    Requester,
)
from urllib3.util import Retry

from bot.adapters.certificates import LenientAdapter
from bot.doc_links import doc_url
from bot.errors import PublishError, describe_cause

Result = TypeVar("Result")
# PyGithub raises these on an answer that is not GitHub's, such as a proxy's page.
_MALFORMED_ANSWER_ERRORS = (
    AssertionError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)
_API_ERRORS = (GithubException, OSError, *_MALFORMED_ANSWER_ERRORS)
_FORBIDDEN_STATUSES = (403, 404)
_RATE_LIMIT_STATUSES = (403, 429)
# GitHub's documentation asks for a minute where an answer names no time.
_DEFAULT_PAUSE_S = 60
_MAX_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Timeouts and pauses in seconds.

    `timeout_s` for an answer, `backoff_s` before a second try, `max_pause_s` the longest wait
    that GitHub may ask for.
    """

    timeout_s: int = 20
    backoff_s: float = 1
    max_pause_s: float = 60


@dataclass(frozen=True, slots=True)
class ApiOperation:
    """An operation on GitHub: the message if it fails, and the permission it needs."""

    failure_message: str
    permission: str


def format_time(time: datetime) -> str:
    """Return a time as GitHub's JSON has it, in UTC and whole seconds."""
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


class _SecureConnection(HTTPSRequestsConnectionClass):
    """A connection that accepts older certificates of an authority that the user named."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(self.verify, str):
            self.session.mount("https://", LenientAdapter(max_retries=self.retry))


class GitHubClient:
    """The API client for one repository."""

    def __init__(
        self,
        api_url: str,
        token: str,
        repository: str,
        *,
        verify: str | bool = True,
        retry_policy: RetryPolicy = RetryPolicy(),
    ) -> None:
        """Create the client; no request is made. `verify` names trusted certificates."""
        # PyGithub makes its sessions itself, and has no other way to hand one an adapter.
        Requester.injectConnectionClasses(HTTPRequestsConnectionClass, _SecureConnection)
        self._retry_policy = retry_policy
        self._client = Github(
            base_url=api_url,
            auth=Auth.Token(token),
            timeout=retry_policy.timeout_s,
            verify=verify,
            lazy=True,
            per_page=100,
            retry=_make_retry(retry_policy),
            # PyGithub would wait 0.25 s between requests and 1 s between writes.
            seconds_between_requests=0,
            seconds_between_writes=0,
        )
        self._repository_name = repository

    def run(self, operation: ApiOperation, action: Callable[[Repository], Result]) -> Result:
        """Run an action that reads before it writes, with retries; raise PublishError.

        A connection that breaks leaves open whether a write was applied. The retry finds
        out, since it reads first: nothing is written twice.
        """
        for attempt in range(1, _MAX_ATTEMPTS + 1):
            try:
                return action(self._client.get_repo(self._repository_name))
            except _API_ERRORS as problem:
                pause = self._choose_retry_pause(problem)
                if pause is None or attempt == _MAX_ATTEMPTS:
                    raise _explain_failure(operation, problem) from problem
                time.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def fetch_login(self) -> str | None:
        """Return the login of the token; None for a token of a workflow or an app.

        GitHub answers 403 to those.
        """
        try:
            login = self._client.get_user().login
        except GithubException as problem:
            if problem.status != 403 or _read_requested_pause(problem) is not None:
                raise
            return None
        if not login:
            raise ValueError("the answer to GET /user has no login")
        return login

    def is_own_text(self, comment_id: str) -> bool:
        """Return True if this token has written a comment, and nobody else has edited it.

        `comment_id` is a global ID. REST says neither for a token of a workflow or an app.
        """
        _, answer = self._client.requester.graphql_node(
            comment_id, "viewerDidAuthor author { login } editor { login }", "IssueComment"
        )
        comment = answer["data"]["node"]
        editor = comment["editor"]
        is_edited = editor is not None and editor["login"] != comment["author"]["login"]
        return comment["viewerDidAuthor"] is True and not is_edited

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _choose_retry_pause(self, problem: Exception) -> float | None:
        """Return the seconds to wait before another try; None where none would help."""
        if not isinstance(problem, GithubException):
            return self._retry_policy.backoff_s
        if problem.status in _RATE_LIMIT_STATUSES:
            pause = _read_requested_pause(problem)
            if pause is None or pause > self._retry_policy.max_pause_s:
                return None
            return pause
        # A wrong token and a rejected field stay wrong at the next try.
        return None if problem.status in (401, 422) else self._retry_policy.backoff_s


def _make_retry(retry_policy: RetryPolicy) -> Retry:
    """Return a policy that repeats reads at once, but no write, which may have been applied."""
    return Retry(
        total=1,
        backoff_factor=retry_policy.backoff_s,
        status_forcelist=(502, 503, 504),
        allowed_methods=("GET",),
        respect_retry_after_header=False,
    )


def _read_requested_pause(problem: GithubException) -> float | None:
    """Return the pause that a rate limit asks for; None if the refusal has another reason."""
    headers = problem.headers or {}
    if "retry-after" in headers:
        return _parse_seconds(headers["retry-after"]) or _DEFAULT_PAUSE_S
    # GitHub's "Best practices for using the REST API": retry-after first, then the reset time.
    if str(headers.get("x-ratelimit-remaining")) == "0":
        reset = _parse_seconds(headers.get("x-ratelimit-reset", ""))
        return _DEFAULT_PAUSE_S if reset is None else max(reset - time.time(), 0) + 1
    # A secondary limit may be a 403 that only its message tells from a missing permission.
    is_limit = problem.status == 429 or "rate limit" in _read_error_message(problem).lower()
    return _DEFAULT_PAUSE_S if is_limit else None


def _parse_seconds(value: str | int) -> float | None:
    return float(value) if str(value).isdecimal() else None


def _read_error_message(problem: GithubException) -> str:
    """Return GitHub's own message, with those on single fields."""
    data = problem.data if isinstance(problem.data, dict) else {}
    errors = data.get("errors")
    fields = [
        error.get("message") if isinstance(error, dict) else error
        for error in (errors if isinstance(errors, list) else [])
    ]
    message = str(data.get("message") or problem.message or "no reason given")
    details = "; ".join(str(field) for field in fields if field)
    return f"{message}: {details}" if details else message


def _explain_failure(operation: ApiOperation, problem: Exception) -> PublishError:
    if isinstance(problem, OSError):
        what = f"{operation.failure_message} GitHub could not be reached."
        return PublishError(what, describe_cause(problem))
    if not isinstance(problem, GithubException):
        fix = "check the API's address, and whether a proxy answers instead of GitHub"
        return PublishError(
            f"{operation.failure_message} GitHub's answer could not be read.", str(problem), fix
        )
    reason = f"GitHub answered {problem.status}: {_read_error_message(problem)}"
    if problem.status in _RATE_LIMIT_STATUSES and _read_requested_pause(problem) is not None:
        return PublishError(operation.failure_message, reason, "run the job again later")
    if problem.status == 401:
        return PublishError(
            operation.failure_message, reason, "check github-token: it is wrong or has expired"
        )
    if problem.status in _FORBIDDEN_STATUSES:
        forks_url = doc_url("forks")
        fix = (
            f"give the job `{operation.permission}`; a fork's token cannot have it, see {forks_url}"
        )
        return PublishError(operation.failure_message, reason, fix)
    return PublishError(operation.failure_message, reason)
