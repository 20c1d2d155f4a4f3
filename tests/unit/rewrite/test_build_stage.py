"""What moves out of the build stage, and what stays."""

import pytest

from bot.dockerfile.edits import apply_changes
from bot.rewrite.build_stage import (
    choose_stage_names,
    convert_to_build_stage,
    is_moved,
    read_instruction_text,
)
from tests.support.rewrite_world import make_facts


@pytest.mark.parametrize(
    ("text", "target", "names"),
    [
        ("FROM x\n", None, ("build", None)),
        ("FROM x AS compile\n", None, ("compile", None)),
        ("FROM x AS Release\n", "release", ("build", "Release")),
        ("FROM x AS build\nFROM y\n", None, ("builder", None)),
    ],
)
def test_names_of_the_stages(text: str, target: str | None, names: tuple[str, str | None]) -> None:
    assert choose_stage_names(make_facts(text, target=target)) == names


def test_settings_before_the_last_build_step_stay() -> None:
    facts = make_facts("FROM x\nENV A=1\nEXPOSE 80\nRUN make\nENV B=2\nWORKDIR /b\nUSER app\n")
    moved = [x.instruction.text for x in facts.rule_input.steps if is_moved(facts, x.instruction)]
    assert moved == ["EXPOSE 80", "ENV B=2", "USER app"]


def test_comments_of_what_moves() -> None:
    text = "FROM x\nRUN make \\\n# inside\n  all\n# one\n# two\nCMD a\n# build\nCOPY a a\n"
    facts = make_facts(text)
    make, start, copy = (x.instruction for x in facts.rule_input.steps)
    assert read_instruction_text(facts, start) == "\n# one\n# two\nCMD a"
    assert read_instruction_text(facts, copy) == "COPY a a"
    assert read_instruction_text(facts, make).startswith("RUN make")


def test_comments_at_the_end_of_the_file_move_with_the_last_instruction() -> None:
    text = "FROM x\nRUN make\nEXPOSE 80\nCMD a\n\n# CMD b\n"
    facts = make_facts(text)
    port, start = (x.instruction for x in facts.rule_input.steps[1:])
    assert read_instruction_text(facts, start) == "CMD a\n\n# CMD b"
    assert read_instruction_text(facts, port) == "EXPOSE 80"
    changes = convert_to_build_stage(facts, "build")
    assert (
        apply_changes(facts.rule_input.dockerfile.source, changes) == b"FROM x AS build\nRUN make\n"
    )
