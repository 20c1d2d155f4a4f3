"""Joins the changes of several findings in one Dockerfile, and verifies them together.

Its own module, because each change was verified by itself at most: two of them may not go together.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.advise.finding import Finding
from bot.advise.run_rules import apply_findings, select_compatible
from bot.advise.subject import RuleInput
from bot.line.slim_bases import CandidateVerifier
from bot.model.candidate import Candidate
from bot.model.proof import Proof
from bot.model.sizes import format_size

_ALL_CHANGES = "all-changes"  # in place of a rule's name, in the label of the build
_TOGETHER = "changes of the suggestions were built and verified together in one Dockerfile"
_NOT_TOGETHER = "changes of the suggestions do not go together in one Dockerfile"


@dataclass(frozen=True, slots=True)
class CombinedChanges:
    """A Dockerfile with changes, `count` in all, and a note on their proof, if there is one.

    `verified_count` of them were verified, and so was the whole file then.
    """

    dockerfile: bytes
    count: int
    verified_count: int = 0
    notes: tuple[str, ...] = ()


def combine_changes(
    rule_input: RuleInput,
    verified: Sequence[Finding],
    safe: Sequence[Finding],
    verifier: CandidateVerifier | None,
) -> CombinedChanges:
    """Return the changes that were verified one by one with the safe ones, if that is verified.

    Otherwise the safe ones alone, which need no check.
    """
    safe_alone = CombinedChanges(apply_findings(rule_input, safe), len(safe))
    if verifier is None or not verified:
        return safe_alone
    chosen = select_compatible([*verified, *safe])
    text, count = apply_findings(rule_input, chosen), len(chosen)
    verified_count = sum(finding in verified for finding in chosen)
    if count == 1:
        return CombinedChanges(text, count, verified_count)
    proof = verifier.verify(Candidate(_ALL_CHANGES, "All changes together", "", text))
    if proof.verified:
        return CombinedChanges(text, count, verified_count, (_describe(proof, count),))
    reason = (proof.objection or "the time limit was reached").removesuffix(".")
    return replace(safe_alone, notes=(f"{count} {_NOT_TOGETHER}: {reason}.",))


def _describe(proof: Proof, count: int) -> str:
    size = proof.unpacked_bytes or 0
    before = size + (proof.saving_bytes or 0)
    return f"{count} {_TOGETHER}: {format_size(before)} → {format_size(size)}."
