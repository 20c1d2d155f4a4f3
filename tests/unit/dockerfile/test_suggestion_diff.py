"""The diff of a suggestion: what it removes and adds, with two lines around it."""

from hypothesis import given
from hypothesis import strategies as st

from bot.dockerfile.suggestion_diff import make_suggestion_diff
from bot.model.suggestion import Confidence, Edit, Suggestion

_TEXT = "FROM a\nRUN b\nRUN c\nCOPY d d\nUSER e\n"


def suggest(*edits: Edit, dockerfile: str | None = None) -> Suggestion:
    return Suggestion("r", "t", "m", Confidence.MEASURED, edits=edits, dockerfile=dockerfile)


def test_an_edit_has_the_lines_around_it() -> None:
    assert make_suggestion_diff(_TEXT, suggest(Edit(3, 3, "RUN c && clean\n"))).splitlines() == [
        *(
            "@@ -1,5 +1,5 @@",
            " FROM a",
            " RUN b",
            "-RUN c",
            "+RUN c && clean",
            " COPY d d",
            " USER e",
        ),
    ]


def test_a_deletion_adds_nothing() -> None:
    diff = make_suggestion_diff(_TEXT, suggest(Edit(2, 3, "")))
    assert [line for line in diff.splitlines() if line[0] in "+-"] == ["-RUN b", "-RUN c"]


def test_several_edits_keep_their_lines() -> None:
    edits = (Edit(1, 1, "FROM z\nARG y\n"), Edit(5, 5, "USER x\n"))
    diff = make_suggestion_diff(_TEXT, suggest(*edits))
    changed = [line for line in diff.splitlines() if line[0] in "+-"]
    assert changed == ["-FROM a", "+FROM z", "+ARG y", "-USER e", "+USER x"]


def test_a_whole_dockerfile_is_compared() -> None:
    diff = make_suggestion_diff(_TEXT, suggest(dockerfile=_TEXT.replace("RUN c\n", "")))
    assert [line for line in diff.splitlines() if line[0] in "+-"] == ["-RUN c"]


def test_without_a_change_there_is_no_diff() -> None:
    assert make_suggestion_diff(_TEXT, suggest()) == ""
    assert make_suggestion_diff("RUN x\n" * 5000, suggest(dockerfile="RUN y\n" * 5000)) == ""


_LINES = st.lists(st.sampled_from("abc"), min_size=1, max_size=20)


@given(_LINES, _LINES)
def test_a_diff_turns_the_old_file_into_the_new_one(old: list[str], new: list[str]) -> None:
    diff = make_suggestion_diff("\n".join(old), suggest(dockerfile="\n".join(new))).splitlines()
    lines = [line for line in diff if not line.startswith("@@")]
    sides = (
        [line[1:] for line in lines if line[0] != "+"],
        [line[1:] for line in lines if line[0] != "-"],
    )
    assert len(sides[0]) - len(sides[1]) == len(old) - len(new)
    assert _is_part(sides[0], old)
    assert _is_part(sides[1], new)


def _is_part(lines: list[str], whole: list[str]) -> bool:
    """Return True if the lines are in a text in their order."""
    rest = iter(whole)
    return all(line in rest for line in lines)
