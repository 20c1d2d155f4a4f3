"""useradd, and the logs that grow with the ID."""

import pytest

from bot.advise.finding import FixSafety
from tests.support.rule_inputs import apply_rule, make_rule_input, run_rule

RULE = "login-logs-of-large-user-ids"


@pytest.mark.parametrize(
    "lines",
    [
        "RUN useradd -l -u 1000670000 app",
        "RUN useradd --no-log-init -u 1000670000 app",
        "RUN useradd -lm -u 1000670000 app",
        "RUN useradd -u 1000 app",
        "RUN useradd -u 99999 app",
        "RUN useradd app",
        f"RUN useradd -u {'9' * 5000} app",
        "RUN useradd -u $ID app",
        "RUN adduser -D -u 1000670000 app",
        "RUN usermod -u 1000670000 app",
        "RUN useradd -u 1000670000 app && rm -f /var/log/lastlog /var/log/faillog",
    ],
)
def test_not_reported(lines: str) -> None:
    assert run_rule(RULE, f"FROM a\n{lines}\n") == []


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("RUN useradd -u 1000670000 app", "RUN useradd --no-log-init -u 1000670000 app"),
        ("RUN useradd -m --uid=100000 app", "RUN useradd --no-log-init -m --uid=100000 app"),
        (
            "RUN groupadd a && /usr/sbin/useradd -mu 5 -u '999999' app",
            "RUN groupadd a && /usr/sbin/useradd --no-log-init -mu 5 -u '999999' app",
        ),
        (
            "ARG ID=1000670000\nRUN useradd --uid ${ID} app",
            "ARG ID=1000670000\nRUN useradd --no-log-init --uid ${ID} app",
        ),
        (
            "RUN sudo useradd -u 1000670000 app",
            "RUN sudo useradd --no-log-init -u 1000670000 app",
        ),
    ],
)
def test_the_option_is_added(lines: str, expected: str) -> None:
    assert apply_rule(RULE, f"FROM a\n{lines}\n") == f"FROM a\n{expected}\n"


def test_no_fix_in_a_json_list() -> None:
    (finding,) = run_rule(RULE, 'FROM a\nRUN ["useradd", "-u", "1000670000", "app"]\n')
    assert (finding.changes, finding.safety) == ((), FixSafety.MANUAL)


def test_saving_is_both_logs() -> None:
    world = make_rule_input(
        "FROM a\nRUN useradd -u 1000670000 app\n",
        "FROM a 90MB / RUN useradd 60MB",
        "var/log/lastlog 50MB @2, var/log/faillog 5MB @2, etc/passwd 1kB @2",
    )
    assert [finding.saving_bytes for finding in run_rule(RULE, world)] == [55_000_000]
