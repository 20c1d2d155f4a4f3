"""The stand-in as tests hold it: a state that is served."""

from collections.abc import Callable, Mapping
from datetime import datetime
from ssl import SSLContext
from types import TracebackType
from typing import Any, Self

from tests.support.github.description import load
from tests.support.github.faults import Fault, FaultPlan, Faults, Matcher
from tests.support.github.graphql import Mutation
from tests.support.github.routes import ROUTES, Route
from tests.support.github.server import Logged, Server
from tests.support.github.service import Service, Violation
from tests.support.github.state import State, wall_clock


class GitHubStandIn(State):
    """GitHub on a loopback port, from `with` to the end of its block.

    The methods of `ImageState` put things there and look at what requests have done:

        with GitHubStandIn() as github:
            github.add_repository("octo/app")
            github.open_pull_request("octo/app", 7, "a" * 40, "b" * 40, "alice")
            token = github.token("github-actions[bot]", issues="write")
            ...
            assert [each.body for each in github.comments("octo/app", 7)] == ["hello"]
    """

    def __init__(
        self,
        *,
        clock: Callable[[], datetime] = wall_clock,
        routes: Mapping[str, Route] = ROUTES,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: SSLContext | None = None,
    ) -> None:
        super().__init__(clock)
        self._service = Service(self, load(), routes)
        self._faults = Faults()
        self._server = Server((host, port), self._service, self._faults, tls)

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.stop()

    @property
    def port(self) -> int:
        """Return the port of the server."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Return the URL to use in place of https://api.github.com."""
        return f"{self._server.scheme}://127.0.0.1:{self.port}"

    @property
    def enterprise_url(self) -> str:
        """Return the URL under which a GitHub Enterprise Server would have its API."""
        return f"{self.url}/api/v3"

    @property
    def requests(self) -> list[Logged]:
        """Return every request so far with its status."""
        return self._server.requests

    @property
    def violations(self) -> list[Violation]:
        """Return requests and answers that the description forbids; should stay empty."""
        return self._service.violations

    @property
    def graphql(self) -> list[Mutation]:
        """Return the GraphQL mutations so far."""
        return self._service.graphql

    @property
    def mutations(self) -> dict[str, Any]:
        """Return the answer to each GraphQL mutation; a test may add to it."""
        return self._service.mutations

    def inject_fault(
        self,
        when: Matcher,
        *,
        fault: Fault,
        nth: int = 1,
        times: int = 1,
        after_work: bool = False,
    ) -> None:
        """Let matching requests fail, from the nth on (see `faults.py`)."""
        self._faults.add(FaultPlan(when, fault, nth, times, after_work))
