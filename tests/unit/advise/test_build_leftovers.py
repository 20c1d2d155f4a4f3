"""Builds of which the image has nothing but caches."""

import pytest

from bot.advise.build_leftovers import leaves_nothing
from tests.support.rule_inputs import make_rule_input


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("git clone u x && cd x && ./mvnw install && cd .. && rm -rf x", True),
        ("cd /src/a && gradle build && rm -rf /src", True),
        ("cd x && mvn package && cp target/a.jar /a.jar && cd .. && rm -rf x", False),
        ("cd x && ./mvnw install && rm -rf y", False),
        ("cd x && ./mvnw install", False),
        ("cd x && make install && cd .. && rm -rf x", False),
    ],
)
def test_builds_in_a_folder_that_is_removed(run: str, expected: bool) -> None:
    (step,) = make_rule_input(f"FROM a\nRUN {run}\n").steps
    calls = [call for call in step.calls if call.name in ("mvn", "mvnw", "gradle", "make")]
    assert [leaves_nothing(step, call) for call in calls] == [expected]
