"""The stand-in as a pytest fixture: `from tests.support.github.fixtures import github` in a conftest.py."""

from collections.abc import Iterator

import pytest

from tests.support.github import GitHubStandIn


@pytest.fixture
def github() -> Iterator[GitHubStandIn]:
    """Yield a stand-in GitHub; a violation of its description fails the test."""
    with GitHubStandIn() as stand_in:
        yield stand_in
    violations = "\n".join(str(violation) for violation in stand_in.violations)
    assert not violations, f"GitHub's own description does not allow this:\n{violations}"
