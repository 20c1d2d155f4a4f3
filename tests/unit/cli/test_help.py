"""Help and mistakes on the command line: groups, examples, words for every option, near names."""

import argparse
import shlex

import pytest

from bot import __version__
from bot.cli.options.argument_parser import make_parser, parse_arguments
from bot.cli.options.command_parser import CommandParser, HelpGroup
from bot.cli.options.commands import (
    ActionOptions,
    InitOptions,
    MergeOptions,
    ReviewOptions,
)
from bot.cli.options.examples import EXAMPLES


def list_commands() -> dict[str, CommandParser]:
    (commands,) = (
        action
        for action in make_parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    return dict(commands.choices)


COMMANDS = list_commands()
FOR_PEOPLE = sorted(COMMANDS.keys() - {"action"})


def ended(words: str, capsys: pytest.CaptureFixture[str]) -> tuple[int | str | None, str, str]:
    with pytest.raises(SystemExit) as caught:
        parse_arguments(shlex.split(words))
    output = capsys.readouterr()
    return caught.value.code, output.out, output.err


def test_without_arguments_the_help_is_printed_and_the_status_is_that_of_a_mistake(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, output, errors = ended("", capsys)
    _, help_text, _ = ended("--help", capsys)
    assert (status, output, errors) == (2, "", help_text)


@pytest.mark.parametrize("words", ["-V", "--version"])
def test_the_version_is_printed(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(words, capsys) == (0, f"image-size-review {__version__}\n", "")


@pytest.mark.parametrize("command", FOR_PEOPLE)
def test_the_help_of_a_command_has_two_names(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    by_option = ended(f"{command} --help", capsys)
    assert by_option == ended(f"help {command}", capsys)
    assert by_option[0] == 0
    assert by_option[1].startswith(f"usage: image-size-review {command}")


def test_the_help_of_all_commands_has_two_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended("help", capsys) == ended("--help", capsys)


@pytest.mark.parametrize("command", FOR_PEOPLE)
def test_every_option_has_words_and_a_group(command: str) -> None:
    parser = COMMANDS[command]
    for action in parser._actions:
        assert action.help, action.dest
    titles = {
        group.title
        for group in parser._action_groups
        for action in group._group_actions
        if action.help != argparse.SUPPRESS
    }
    assert titles <= {"Arguments", *(title.value for title in HelpGroup)}
    assert HelpGroup.GENERAL.value in titles


@pytest.mark.parametrize("command", FOR_PEOPLE)
def test_no_line_of_a_help_is_wider_than_a_terminal(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = COMMANDS[command].format_help().splitlines()
    assert [line for line in lines if len(line) > 80] == []


def test_the_groups_of_options_are_in_order() -> None:
    lines = COMMANDS["review"].format_help().splitlines()
    titles = [title.value for title in HelpGroup]
    assert [line[:-1] for line in lines if line[:-1] in titles and line.endswith(":")] == titles


@pytest.mark.parametrize("command", FOR_PEOPLE)
def test_the_examples_of_a_command_are_valid_and_in_its_help(command: str) -> None:
    help_text = COMMANDS[command].format_help()
    assert len(EXAMPLES[command]) >= 2
    for line, text in EXAMPLES[command]:
        assert parse_arguments(shlex.split(line))
        assert f"  # {text}\n  image-size-review {line}\n" in help_text


def test_examples_are_of_commands_for_people() -> None:
    assert sorted(EXAMPLES) == FOR_PEOPLE


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("reveiw", "; did you mean review? (choose from review, audit, "),
        ("adit", "; did you mean audit?"),
        ("review --fromat json", "unrecognized option: --fromat; did you mean --format?"),
        ("measure a --max-sise 1MB", "; did you mean --max-size?"),
        ("measure a --format htlm", "invalid choice: 'htlm'; did you mean html?"),
        ("schema confg", "invalid choice: 'confg'; did you mean config?"),
        ("audit --base main", "unrecognized option: --base\n"),
        ("review -Q", "unrecognized option: -Q\n"),
        ("images api", "unexpected argument: 'api'"),
        ("weigh", "invalid choice: 'weigh' (choose from review"),
        ("actoin", "invalid choice: 'actoin' (choose from review"),
    ],
)
def test_a_mistake_names_what_is_near(
    words: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, output, errors = ended(words, capsys)
    assert (status, output) == (2, "")
    assert message in errors
    assert "action" not in errors


@pytest.mark.parametrize(
    ("words", "program"),
    [
        ("review --fromat json", "image-size-review review"),
        ("review --max-growth 1MB --warn-growth 2MB", "image-size-review review"),
        ("audit --all", "image-size-review audit"),
        ("reveiw", "image-size-review"),
    ],
)
def test_a_mistake_shows_the_usage_of_its_command_in_one_line(
    words: str, program: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _, _, errors = ended(words, capsys)
    usage, error, advice = errors.splitlines()
    assert usage.startswith(f"usage: {program} ")
    assert error.startswith(f"{program}: error: ")
    assert advice == f"For its options: {program} --help"


def test_the_value_of_an_unknown_option_is_not_repeated(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, _, errors = ended("review --secert=id=x,env=hunter22", capsys)
    assert "--secert; did you mean --secret?" in errors
    assert "hunter22" not in errors


def test_action_is_accepted_and_not_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert parse_arguments(["action"]) == ActionOptions()
    _, output, _ = ended("--help", capsys)
    assert "action" not in output


def test_details_and_quiet() -> None:
    options = parse_arguments(["review", "--details", "-q"])
    assert isinstance(options, ReviewOptions)
    assert (options.output.has_details, options.output.is_quiet) == (True, True)
    options = parse_arguments(["init", "--quiet"])
    assert isinstance(options, InitOptions)
    assert options.is_quiet
    options = parse_arguments(["merge", "--expect", "plan.json", "--details"])
    assert isinstance(options, MergeOptions)
    assert options.output.has_details
