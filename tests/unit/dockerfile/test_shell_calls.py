"""The programs of a `RUN`, also those that a shell in it runs."""

import pytest

from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.dockerfile.shell_calls import iter_instruction_calls


@pytest.mark.parametrize(
    ("script", "names"),
    [
        ("bash -c 'a && b'", ["bash", "a", "b"]),
        ('sh -ec "a; b"', ["sh", "a", "b"]),
        ("bash -o pipefail -c 'a | b'", ["bash", "a", "b"]),
        ("/bin/bash --login -c 'a'", ["bash", "a"]),
        ("sudo -E bash -c 'a'", ["bash", "a"]),
        ("sudo -u app bash -c 'a'", ["bash", "a"]),
        ("env A=1 timeout -k 5 60 sh -c 'a'", ["sh", "a"]),
        ("su - app -c 'a'", ["su", "a"]),
        ("bash -c 'sh -c \"a\"'", ["bash", "sh", "a"]),
        ("bash -c $COMMAND", ["bash"]),
        ("bash setup.sh -c 'a'", ["bash"]),
        ("env -u A sudo -u app a", ["a"]),
        ("python3.11 -W ignore -m pip install x", ["pip"]),
        ("$HOME/bin/npm ci", ["npm"]),
        ("$PROGRAM ci", []),
    ],
)
def test_programs_behind_a_shell_or_a_wrapper_are_read(script: str, names: list[str]) -> None:
    dockerfile = DockerfileReader().parse(f"FROM a\nRUN {script}\n".encode())
    (run,) = dockerfile.stages[0].instructions
    assert [call.name for call in iter_instruction_calls(run)] == names


@pytest.mark.parametrize(
    ("command", "is_recursive"),
    [
        ("chown -R a b", True),
        ("chown -hR a b", True),
        ("chmod --recursive 755 b", True),
        ("chmod 755 R", False),
        ("chown --from=R a b", False),
        ("chmod -v 755 b", False),
    ],
)
def test_a_change_of_a_folder_with_all_below_it(command: str, is_recursive: bool) -> None:
    dockerfile = DockerfileReader().parse(f"FROM a\nRUN {command}\n".encode())
    (run,) = dockerfile.stages[0].instructions
    assert [call.is_recursive for call in iter_instruction_calls(run)] == [is_recursive]


def test_the_words_of_an_inner_script_know_their_place() -> None:
    text = b'FROM a\nRUN bash -c "a \\"x\\" && \\\n  pip install y"\n'
    (run,) = DockerfileReader().parse(text).stages[0].instructions
    pip = next(call for call in iter_instruction_calls(run) if call.name == "pip")
    assert pip.is_nested
    assert [text[word.span.start : word.span.end] for word in pip.arguments] == [b"install", b"y"]
