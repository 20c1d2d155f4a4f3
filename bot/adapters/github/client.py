"""GitHub, by way of PyGithub: one repository, as far as a token reaches, and its refusals in words."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from github import Auth, Github, GithubException
from github.Repository import Repository
from urllib3.util import Retry

from bot.doc_links import doc_url
from bot.errors import PublishError

Result = TypeVar("Result")
# What PyGithub trips over in an answer that is not GitHub's, such as a proxy's page.
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
_DEFAULT_PAUSE_S = (
    60  # seconds; what GitHub's documentation asks for where an answer asks for nothing
)
_MAX_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long to wait, in seconds: for an answer, before a second try, and when GitHub asks for it."""

    timeout_s: int = 20
    backoff_s: float = 1
    max_pause_s: float = 60


@dataclass(frozen=True, slots=True)
class ApiOperation:
    """What is to be done, in the words that say it was not, and what it takes."""

    failure_message: str
    permission: str


class GitHubClient:
    """One repository."""

    def __init__(
        self,
        api_url: str,
        token: str,
        repository: str,
        *,
        verify: str | bool = True,
        retry_policy: RetryPolicy = RetryPolicy(),
    ) -> None:
        """Asks nothing yet. `verify` is the file of the certificates to trust."""
        self._retry_policy = retry_policy
        self._client = Github(
            base_url=api_url,
            auth=Auth.Token(token),
            timeout=retry_policy.timeout_s,
            verify=verify,
            lazy=True,
            per_page=100,
            retry=_make_retry(retry_policy),
            seconds_between_requests=0,
            seconds_between_writes=0,
        )
        self._repository_name = repository

    def run(self, operation: ApiOperation, action: Callable[[Repository], Result]) -> Result:
        """Does what reads before it writes, and so may be done again; PublishError if it cannot be done.

        An answer that never came leaves open whether a write was taken. The second try finds out,
        since it reads what stands there first: nothing is written twice.
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
        """Who we are; None for the token of a workflow or an app, which may not ask."""
        try:
            login = self._client.get_user().login
        except GithubException as problem:
            if problem.status != 403 or _read_requested_pause(problem) is not None:
                raise
            return None
        if not login:
            raise ValueError("the answer to who we are names nobody")
        return login

    def close(self) -> None:
        """Lets go of the connections."""
        self._client.close()

    def _choose_retry_pause(self, problem: Exception) -> float | None:
        """How long to wait before another try; None where none would help."""
        if not isinstance(problem, GithubException):
            return self._retry_policy.backoff_s
        if problem.status in _RATE_LIMIT_STATUSES:
            asked = _read_requested_pause(problem)
            return asked if asked is not None and asked <= self._retry_policy.max_pause_s else None
        return None if problem.status in (401, 422) else self._retry_policy.backoff_s


def _make_retry(retry_policy: RetryPolicy) -> Retry:
    """Reads are tried again at once; a write that may have been taken is not."""
    return Retry(
        total=1,
        backoff_factor=retry_policy.backoff_s,
        status_forcelist=(502, 503, 504),
        allowed_methods=("GET",),
        respect_retry_after_header=False,
    )


def _read_requested_pause(problem: GithubException) -> float | None:
    """The pause that a rate limit asks for; None if the refusal is about something else."""
    headers = problem.headers or {}
    if "retry-after" in headers:
        return _parse_seconds(headers["retry-after"]) or _DEFAULT_PAUSE_S
    if str(headers.get("x-ratelimit-remaining")) == "0":
        reset = _parse_seconds(headers.get("x-ratelimit-reset", ""))
        return _DEFAULT_PAUSE_S if reset is None else max(reset - time.time(), 0) + 1
    is_limit = problem.status == 429 or "rate limit" in _read_error_message(problem).lower()
    return _DEFAULT_PAUSE_S if is_limit else None


def _parse_seconds(value: str | int) -> float | None:
    return float(value) if str(value).isdecimal() else None


def _read_error_message(problem: GithubException) -> str:
    """GitHub's own words, those on single fields too."""
    data = problem.data if isinstance(problem.data, dict) else {}
    errors = data.get("errors")
    found = errors if isinstance(errors, list) else []
    about = [each.get("message") if isinstance(each, dict) else each for each in found]
    said = data.get("message") or problem.message or "without a reason"
    return ": ".join(str(x) for x in (said, "; ".join(str(x) for x in about if x)) if x)


def _explain_failure(operation: ApiOperation, problem: Exception) -> PublishError:
    if isinstance(problem, OSError):
        return PublishError(
            f"{operation.failure_message} GitHub could not be reached.", str(problem)
        )
    if not isinstance(problem, GithubException):
        fix = "check the API's address, and whether a proxy on the way answers in GitHub's place"
        return PublishError(
            f"{operation.failure_message} GitHub could not be understood.", str(problem), fix
        )
    why = f"GitHub answered {problem.status}: {_read_error_message(problem)}"
    if problem.status in _RATE_LIMIT_STATUSES and _read_requested_pause(problem) is not None:
        return PublishError(operation.failure_message, why, "run the job again later")
    if problem.status == 401:
        return PublishError(
            operation.failure_message, why, "check github-token: it is wrong or has expired"
        )
    if problem.status in _FORBIDDEN_STATUSES:
        fix = f"give the job `{operation.permission}`; a fork's token cannot have it, see {doc_url('forks')}"
        return PublishError(operation.failure_message, why, fix)
    return PublishError(operation.failure_message, why)
