"""Renames between two commits."""

from bot.project.renames import Rename
from tests.integration.git.clones import OpenGit
from tests.support.repository import Repository


def test_renames_are_those_of_the_paths_alone(open_git: OpenGit, origin: Repository) -> None:
    text = "FROM debian\nRUN a\nRUN b\nRUN c\n"
    old = origin.commit({"Dockerfile": text, "a/[x] y": "1\n2\n3\n4\n", "b": "other\n"})
    origin.git("mv", "Dockerfile", "Container*file")
    origin.git("mv", "a/[x] y", "\N{SNOWMAN}")
    origin.git("mv", "b", "c")
    new = origin.commit({"Container*file": f"{text}RUN d\n"})
    paths = ["Dockerfile", "Container*file", "a/[x] y", "\N{SNOWMAN}"]
    renames = open_git(origin.path).find_renames(old, new, paths)
    assert set(renames) == {
        Rename(83, "Dockerfile", "Container*file"),
        Rename(100, "a/[x] y", "\N{SNOWMAN}"),
    }


def test_a_path_is_the_source_of_one_rename(open_git: OpenGit, origin: Repository) -> None:
    text = "".join(f"RUN {number}\n" for number in range(20))
    old = origin.commit({"Dockerfile": text})
    new = origin.commit({"Dockerfile": None, "near": f"{text}RUN x\n", "far": f"{text}{text[:50]}"})
    (rename,) = open_git(origin.path).find_renames(old, new, ["Dockerfile", "near", "far"])
    assert (rename.old, rename.new) == ("Dockerfile", "near")


def test_many_files_do_not_switch_renames_off(open_git: OpenGit, origin: Repository) -> None:
    """Leave diff.renameLimit out of account, beyond which git finds identical files alone."""
    old = origin.commit(
        {f"old{number}/Dockerfile": f"FROM x\nRUN {number}\n" for number in range(9)}
    )
    origin.git("config", "diff.renameLimit", "1")
    files = {f"old{number}/Dockerfile": None for number in range(9)}
    new = origin.commit(
        {
            **files,
            **{f"new{number}/Dockerfile": f"FROM x\nRUN {number}\n#\n" for number in range(9)},
        }
    )
    paths = [f"{side}{number}/Dockerfile" for side in ("old", "new") for number in range(9)]
    assert len(open_git(origin.path).find_renames(old, new, paths)) == 9
