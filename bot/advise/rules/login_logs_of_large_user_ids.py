"""Users with large IDs: `useradd` reserves a place in the login logs for every ID below."""

from collections.abc import Iterator

from bot.advise.dockerfile_changes import insert_after
from bot.advise.finding import Finding, FixSafety
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.edits import TextChange
from bot.dockerfile.shell_calls import Call

# lastlog has 292 bytes for each ID, faillog 32: five digits cost at most 32 MB, six 324 MB.
# hadolint DL3046 and moby/moby#5419 are about the same.
_MIN_LARGE_ID = 100_000
_MAX_ID_DIGITS = 10  # of 32 bits: useradd refuses longer numbers
_LOGS = ("/var/log/lastlog", "/var/log/faillog")


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report every `useradd` with an ID of six digits or more and without `--no-log-init`."""
    for step in rule_input.iter_runs():
        calls = [call for call in step.calls if _reserves_much(step, call)]
        removes_logs = any("lastlog" in word.text for call in step.calls for word in call.arguments)
        if calls and not removes_logs:
            changes = () if step.instruction.is_json else tuple(map(_add_option, calls))
            yield Finding(
                step.instruction,
                "Create the user with `--no-log-init`",
                "`useradd` makes the logs of logins as long as the user's ID needs: hundreds of "
                "megabytes or gigabytes of zeros, which an image stores. `--no-log-init` leaves "
                "the user out of these logs.",
                rule_input.measure_bytes(step, *_LOGS),
                changes,
                FixSafety.SAFE if changes else FixSafety.MANUAL,
            )


def _reserves_much(step: Step, call: Call) -> bool:
    if call.name != "useradd" or call.has_option("--no-log-init", "-D", "--defaults"):
        return False
    # `-lm` is `-l -m`.
    if any(x.startswith("-") and not x.startswith("--") and "l" in x for x in call.known_arguments):
        return False
    value = call.option_value("-u", "--uid") or ""
    # `${UID}` and `$UID`: the value of an ARG with a default is known.
    name = value.strip("\"'${}")
    number = step.variables.get(name, value) if "$" in value else value.strip("\"'")
    is_id = number.isdecimal() and len(number) <= _MAX_ID_DIGITS
    return is_id and int(number) >= _MIN_LARGE_ID


def _add_option(call: Call) -> TextChange:
    word = next(x for x in call.command.words if (x.value or "").rpartition("/")[2] == "useradd")
    return insert_after(word, "--no-log-init")
