"""The options of `audit --since`, and `--record`."""

import pytest

from bot.cli.options.argument_parser import parse_arguments
from bot.cli.options.commands import AuditOptions, ReviewOptions


def parse(*arguments: str) -> AuditOptions:
    options = parse_arguments(["audit", *arguments])
    assert isinstance(options, AuditOptions)
    return options


def test_since_takes_a_revision_or_a_date() -> None:
    assert (parse().since, parse().covers_all, parse().records) == (None, False, False)
    assert parse("--since", "30 days ago").since == "30 days ago"
    assert parse("--since", "v1.0", "--all").covers_all


def test_record_is_of_audit_and_review() -> None:
    review = parse_arguments(["review", "--record"])
    assert isinstance(review, ReviewOptions)
    assert (review.records, parse("--record").records) == (True, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--all"], "argument --all: it is for --since"),
        (["--since", "v1", "--verify"], "--since: not allowed with argument --verify"),
        (["--since", "v1", "--record"], "--since: not allowed with argument --record"),
        (["--since", ""], "the name is empty"),
    ],
)
def test_options_that_mean_nothing_together_are_refused(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(*arguments)
    assert ended.value.code == 2
    assert message in " ".join(capsys.readouterr().err.split())
