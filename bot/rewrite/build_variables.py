"""Variables of a Dockerfile that only its build reads: the last stage does not set them."""

import re
from collections.abc import Iterator, Set

from bot.dockerfile.instruction import Instruction
from bot.pattern_lists import compile_sections, read_pattern_list
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.build_stage import read_instruction_text
from bot.rewrite.startup import Startup

_LIST = "build_variables.txt"


def find_build_variables(
    facts: BuildFacts, startup: Startup, required: Set[str] = frozenset()
) -> frozenset[str]:
    """Return the variables of tools that the container does not start.

    A variable that another setting refers to is needed, and so are the `required` ones.
    """
    # The section is named `pip`, the program may be pip3.11.
    started = {name.rstrip("0123456789.") for name in startup.program_names}
    sections = [x for x in read_pattern_list("bot.rewrite", _LIST) if x not in started]
    pattern = compile_sections("bot.rewrite", _LIST, *sections)
    # What RUN and COPY refer to is built already: the build stage keeps its variables.
    steps = [x for x in facts.rule_input.steps if x.instruction.keyword not in ("RUN", "COPY")]
    text = "\n".join(step.instruction.argument_text.text for step in steps)
    names = (name for name, _ in _list_pairs(facts) if pattern.fullmatch(name))
    return frozenset(
        name
        for name in names
        if name not in required and not re.search(rf"\$\{{?{re.escape(name)}\b", text)
    )


def render_variables(
    facts: BuildFacts, instruction: Instruction, dropped: Set[str]
) -> Iterator[str]:
    """Yield an `ENV` without the dropped variables; as it is in the file if it has none of them."""
    pairs = list(zip(instruction.words[::2], instruction.words[1::2], strict=True))
    remaining = [(name, value) for name, value in pairs if name not in dropped]
    if len(remaining) == len(pairs):
        yield read_instruction_text(facts, instruction)
    elif remaining:
        style = facts.text_style
        joint = f" {style.escape}\n{style.indent}"
        texts = (f"{name}={value}" for name, value in remaining)
        yield style.format_line(f"ENV {joint.join(texts)}")


def _list_pairs(facts: BuildFacts) -> Iterator[tuple[str, str]]:
    for step in facts.rule_input.steps:
        if step.instruction.keyword == "ENV":
            words = step.instruction.words
            yield from zip(words[::2], words[1::2], strict=True)
