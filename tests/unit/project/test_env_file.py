"""Files of variables, such as `.env.example`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.project.env_file import MAX_VARIABLES, parse_env_file


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("PORT=3000", "3000"),
        ("  export PORT = 3000  ", "3000"),
        ('PORT="3000" # the port', "3000"),
        ("PORT='a # b'", "a # b"),
        ("PORT=3000 # the port", "3000"),
        ("PORT=a#b", "a#b"),
        ("PORT=", ""),
        ("PORT=# none", ""),
        ("PORT=a=b", "a=b"),
    ],
)
def test_a_line_sets_a_variable(line: str, value: str) -> None:
    assert parse_env_file(f"# settings\n\n{line}\n") == {"PORT": value}


@pytest.mark.parametrize("line", ["# PORT=1", "PORT", "9PORT=1", "a-b=1", "PORT=${OTHER}"])
def test_other_lines_set_nothing(line: str) -> None:
    assert parse_env_file(line) == {}


def test_the_last_line_of_a_name_counts() -> None:
    assert parse_env_file("A=1\nA=2\n") == {"A": "2"}


@given(st.text())
def test_any_text_gives_values_that_an_environment_takes(text: str) -> None:
    for name, value in parse_env_file(text).items():
        assert name.isidentifier()
        assert name.isascii()
        assert "\0" not in value
        assert "\n" not in value


NAMES = st.from_regex(r"[A-Z_][A-Z0-9_]{0,9}", fullmatch=True)
VALUES = st.text("abc019 .:/@-", max_size=12).map(str.strip)


@given(st.dictionaries(NAMES, VALUES, max_size=9))
def test_what_is_written_is_read_again(values: dict[str, str]) -> None:
    assert parse_env_file("".join(f"{name}={x}\n" for name, x in values.items())) == values
    assert parse_env_file("".join(f'{name}="{x}"\n' for name, x in values.items())) == values


def test_a_file_of_very_many_variables_is_cut() -> None:
    text = "".join(f"A{number}=1\n" for number in range(MAX_VARIABLES + 9))
    assert len(parse_env_file(text)) == MAX_VARIABLES
