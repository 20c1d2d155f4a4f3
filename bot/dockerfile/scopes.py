"""Which `ARG` and `ENV` reach where.

A global `ARG` is known in `FROM` lines only, and in a stage that declares it again. In a stage the
last one wins, `ARG` or `ENV`; a stage that starts from another one inherits both.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from bot.dockerfile.expansion import BadExpansion, expand
from bot.dockerfile.instruction import Instruction


@dataclass(frozen=True, slots=True)
class ScopeVariables:
    """`known` is what an instruction can refer to, `environment` the part that the image keeps.

    What the base image brings is in neither.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ScopeInputs:
    """What comes from outside of a stage: `--build-arg`, global arguments, the escape character."""

    build_args: Mapping[str, str] = field(default_factory=dict)
    global_values: Mapping[str, str] = field(default_factory=dict)
    escape: str = "\\"

    def expand(self, text: str, values: Mapping[str, str]) -> str:
        """The text with its variables filled in; as written where BuildKit would refuse it."""
        try:
            return expand(text, values, self.escape)
        except BadExpansion:
            return text


def apply_scope(
    instructions: Iterable[Instruction], variables: ScopeVariables, inputs: ScopeInputs
) -> ScopeVariables:
    """What is known behind the statements, if `start` is known before them."""
    for statement in instructions:
        if statement.keyword == "ARG":
            declared = dict(_expand_arg(statement, variables.values, inputs))
            variables = replace(variables, values={**variables.values, **declared})
        elif statement.keyword == "ENV":
            values = dict(_expand_env(statement, variables.values, inputs))
            variables = ScopeVariables(
                {**variables.values, **values}, {**variables.environment, **values}
            )
    return variables


def _expand_arg(
    instruction: Instruction, values: Mapping[str, str], inputs: ScopeInputs
) -> Iterator[tuple[str, str]]:
    """The arguments that have a value: from outside, its default, or the global one of its name."""
    for word in instruction.arguments:
        name, equals, default = (inputs.expand(part, values) for part in word.partition("="))
        value = inputs.global_values.get(name) if not equals else default
        value = inputs.build_args.get(name, value)
        if value is not None:
            values = {**values, name: value}
            yield name, value


def _expand_env(
    instruction: Instruction, values: Mapping[str, str], inputs: ScopeInputs
) -> Iterator[tuple[str, str]]:
    """What one `ENV` sets; its values do not see one another."""
    filled = [inputs.expand(word, values) for word in instruction.arguments]
    return zip(filled[::2], filled[1::2], strict=True)
