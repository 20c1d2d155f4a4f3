"""Programs that may start others where the new image has no shell."""

from collections.abc import Mapping
from typing import Any

import pytest

from bot.image.elf.dynamic_linker import ElfInfo
from bot.verify.lost_shell import find_lost_shell
from tests.support.image_pair_world import SHELL, make_image, make_image_pair

ELVES = {"app/tool": ElfInfo(is_program=True)}
RUN: Mapping[str, Any] = {"command": ("/app/tool",), "workdir": "/app"}
STARTER = "\x7fELF os.StartProcess"


def find_callers(tool: str, source: str = "", new: dict[str, str] | None = None) -> list[str]:
    files = {"!app/tool": tool}
    old = make_image(SHELL, copy={**files, "app/main.go": source}, elves=ELVES, **RUN)
    pair = make_image_pair(old, make_image(new or {}, copy=files, elves=ELVES, **RUN))
    return [x.detail for x in find_lost_shell(pair)]


def test_a_program_that_can_start_others_needs_the_shell() -> None:
    assert find_callers(STARTER) == ["app/tool"]


@pytest.mark.parametrize("call", ['import "os/exec"\n', "use std::process::Command;\n"])
def test_a_source_that_starts_programs_needs_the_shell(call: str) -> None:
    assert find_callers("\x7fELF", call) == ["app/main.go"]


def test_a_program_that_starts_nothing_needs_none() -> None:
    assert find_callers("\x7fELF hello", "package main\n") == []


def test_with_another_shell_the_other_checks_decide() -> None:
    assert find_callers(STARTER, new={"!bin/ash": "\x7fELF"}) == []
