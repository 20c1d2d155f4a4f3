"""The scopes of `ARG` and `ENV`.

A global `ARG` counts in `FROM` lines only, and in a stage that declares it again. In a stage the
last one wins, `ARG` or `ENV`; a stage that starts from another one inherits both.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from bot.dockerfile.expansion import expand
from bot.dockerfile.expansion_allowance import BadExpansion, ExpansionAllowance
from bot.dockerfile.instruction import Instruction

# The instructions that change the variables in scope.
SCOPE_KEYWORDS = ("ARG", "ENV")


@dataclass(frozen=True, slots=True)
class ScopeVariables:
    """The variables that an instruction can refer to.

    `environment` is the part of `values` that the image keeps. The base image's own are in
    neither.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ScopeInputs:
    """The inputs of a stage: `--build-arg`, global arguments, the escape character."""

    build_args: Mapping[str, str] = field(default_factory=dict)
    global_values: Mapping[str, str] = field(default_factory=dict)
    escape: str = "\\"
    allowance: ExpansionAllowance = field(default_factory=ExpansionAllowance)

    def expand(self, text: str, values: Mapping[str, str]) -> str:
        """Fill in the variables of a text.

        Return it as written where BuildKit would refuse it, or where it would be too large.
        """
        try:
            return expand(text, values, self.escape, allowance=self.allowance)
        except BadExpansion:
            return text


def apply_scope(
    instructions: Iterable[Instruction], variables: ScopeVariables, inputs: ScopeInputs
) -> ScopeVariables:
    """Return the variables after the instructions, given those before them."""
    values, environment = dict(variables.values), dict(variables.environment)
    for instruction in instructions:
        if instruction.keyword == "ARG":
            _apply_arg(instruction, values, inputs)
        elif instruction.keyword == "ENV":
            pairs = dict(_expand_env(instruction, values, inputs))
            values |= pairs
            environment |= pairs
    return ScopeVariables(values, environment)


def _apply_arg(instruction: Instruction, values: dict[str, str], inputs: ScopeInputs) -> None:
    """Add the arguments that have a value; each sees those before it.

    `--build-arg` wins over the default, and the default over the global argument of that name.
    """
    for word in instruction.words:
        name, equals, default = (inputs.expand(part, values) for part in word.partition("="))
        # `ARG name=` has a default, too: an empty one.
        value = inputs.global_values.get(name) if not equals else default
        value = inputs.build_args.get(name, value)
        if value is not None:
            values[name] = value


def _expand_env(
    instruction: Instruction, values: Mapping[str, str], inputs: ScopeInputs
) -> Iterator[tuple[str, str]]:
    """Return what one `ENV` sets; its values do not see one another."""
    # `ENV a=1 b=$a` gives b the value that a had before: the Dockerfile reference says so.
    filled = [inputs.expand(word, values) for word in instruction.words]
    return zip(filled[::2], filled[1::2], strict=True)
