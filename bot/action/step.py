"""The identity of a step of the action: what its inputs build and how they judge it.

Apart from the job, which is one run of a step: a comment outlives it. The hidden lines of a comment
count only for the step that wrote them.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any

from bot.action.inputs import ActionInputs
from bot.project.overrides import Overrides
from bot.redaction import find_secret_values

# 64 bits: it tells the steps of one repository apart and guards nothing.
_DIGEST_CHARACTERS = 16
_HASH_ROUNDS = 100_000


def digest_build_args(overrides: Overrides) -> str:
    """Return a digest of the build arguments, for a comment's key; empty where there are none."""
    return _digest(dict(overrides.build_args)) if overrides.build_args else ""


def digest_step(inputs: ActionInputs, overrides: Overrides, base: str, *, is_audit: bool) -> str:
    """Return a digest of all inputs that decide what is built, and how it is judged.

    `base` is the name of the revision to compare with. Inputs that apply to a finished report
    (`fail-on`, `comment`) do not count.
    """
    compared = [image.lasting_names for image in inputs.compared_images]
    step = [inputs.config, _to_document(overrides), base, is_audit]
    folder = [f"path={inputs.path}"] if inputs.path else []
    return _digest([*step, *([compared] if compared else ()), *folder])


def digest_review(step: str, inputs: ActionInputs, repository: str) -> str:
    """Return a digest of a step with the exact values of its build arguments.

    It is as slow as that of a password, since it is public and a value may be a short secret.
    """
    values = json.dumps(dict(inputs.overrides.build_args), sort_keys=True).encode()
    images = [(image.reference, image.base_reference) for image in inputs.compared_images]
    exact = hashlib.pbkdf2_hmac("sha256", values, repository.encode(), _HASH_ROUNDS).hex()
    return _digest([step, exact, inputs.verify_suggestions, *([images] if images else ())])


def drop_changing_values(overrides: Overrides, commits: Iterable[str]) -> Overrides:
    """Return the options without what differs between two runs of one step.

    These are SHAs of the run's own commits, and secrets, such as the token of a job.
    """
    placeholders: dict[str, str] = {}
    for number, commit in enumerate(commits):
        if commit:
            # No argument can have a null character, so that nobody can write a placeholder.
            placeholders.setdefault(commit, f"\0commit {number}")
    lasting_values = {
        # The token of a job is another one in each run; its name stays.
        name: "\0secret" if find_secret_values({name: value}) else _replace_all(value, placeholders)
        for name, value in overrides.build_args.items()
    }
    return replace(overrides, build_args=lasting_values)


def _replace_all(text: str, placeholders: Mapping[str, str]) -> str:
    for commit, placeholder in placeholders.items():
        text = text.replace(commit, placeholder)
    return text


def _to_document(overrides: Overrides) -> dict[str, Any]:
    """Return every option, so that one that is added later counts by itself."""
    return {field.name: getattr(overrides, field.name) for field in fields(overrides)}


def _digest(document: Any) -> str:
    text = json.dumps(document, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGEST_CHARACTERS]
