"""Programs that a command line starts, through scripts that start each other."""

from bot.verify.started_programs import StartedProgram, list_started_programs
from tests.support.image_pair_world import SHELL, make_image, make_image_pair


def list_names(files: dict[str, str], *arguments: str) -> list[StartedProgram]:
    image = make_image({**SHELL, **files})
    return list_started_programs(make_image_pair(image, image), image, arguments)


def test_a_script_that_starts_itself_in_each_of_its_lines_is_walked_once() -> None:
    """Two hundred lines, four deep, are 1.6 thousand million commands."""
    files = {"!app/a.sh": "#!/bin/sh\n" + "/app/a.sh\n" * 200 + "git pull\n", "!usr/bin/git": "x"}
    assert list_names(files, "/app/a.sh") == [
        StartedProgram("/app/a.sh", "the command"),
        StartedProgram("/bin/sh", "/app/a.sh"),
        StartedProgram("/app/a.sh", "/app/a.sh"),
        StartedProgram("git", "/app/a.sh"),
    ]


def test_a_script_that_is_met_again_nearer_to_the_command_is_walked_again() -> None:
    """Reached through two others, what it starts is too deep to be followed; directly it is not."""
    files = {
        "!app/start": "#!/bin/sh\n/app/one\n/app/last\n",
        "!app/one": "#!/bin/sh\n/app/two\n",
        "!app/two": "#!/bin/sh\n/app/last\n",
        "!app/last": "#!/bin/sh\n/app/deep\n",
        "!app/deep": "#!/bin/sh\ngit pull\n",
        "!usr/bin/git": "x",
    }
    assert StartedProgram("git", "/app/deep") in list_names(files, "/app/start")


def test_a_lookup_with_command_starts_nothing() -> None:
    text = "#!/bin/sh\nhome=$(command -v git)\ncommand curl x\n"
    files = {"!app/start": text, "!usr/bin/git": "x", "!usr/bin/curl": "x"}
    names = [program.name for program in list_names(files, "/app/start")]
    assert "git" not in names
    assert "curl" in names
