"""The variables of the machine that runs the review, of which builds get none."""

import re

# Tokens of the runner, inputs of the action (which are secrets of the workflow) and its state, and
# the logins for registries.
_RESERVED_NAMES = r"GITHUB_TOKEN|DOCKER_AUTH_CONFIG|(?:ACTIONS|INPUT|STATE)_.*"
_OWN_NAMES = r"(?:GITHUB|GH|RUNNER)_.*|CI_JOB_TOKEN"
# Neither another case nor a line end in a name may lead past the check.
_FLAGS = re.IGNORECASE | re.DOTALL
_RUNNER_VARIABLE = re.compile(_RESERVED_NAMES, _FLAGS)
_OWN_VARIABLE = re.compile(f"{_RESERVED_NAMES}|{_OWN_NAMES}", _FLAGS)


def is_runner_variable(name: str) -> bool:
    """Return True for a variable with a token or an input, which not even a workflow hands on."""
    return bool(_RUNNER_VARIABLE.fullmatch(name))


def is_own_variable(name: str) -> bool:
    """Return True for a variable of the runner or of this program, which no file may name.

    Those that hold a token or an input are among them.
    """
    return bool(_OWN_VARIABLE.fullmatch(name))
