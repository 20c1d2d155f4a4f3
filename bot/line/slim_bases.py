"""Offers a slim base image by itself where a multi-stage rewrite would give hardly more.

One line is easier to review than a stage of ten. The slim image is built and compared first; what
it lacks and the distribution has is installed in a second attempt.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from bot.advise.base_images import find_slim_variant
from bot.advise.finding import FULL_BASE, Finding
from bot.advise.rules.full_base_where_slim_serves import propose_slim_base
from bot.advise.run_rules import build_suggestion
from bot.advise.subject import RuleInput
from bot.dockerfile.edits import apply_changes, insert_lines
from bot.line.rewrite_attempts import add_proof
from bot.model.candidate import Candidate
from bot.model.proof import Proof
from bot.model.suggestion import StartResult, Suggestion
from bot.rewrite.package_install import PackageInstall, render_install
from bot.rewrite.plan import RetryHints
from bot.rewrite.retry_hints import hints_from
from bot.rewrite.rewrite import ApplicableRewrite

_MAX_SIZE_RATIO = 1.05  # of an image on the slim base to what a rewrite makes


@dataclass(frozen=True, slots=True)
class SlimBase:
    """A slim base image as a suggestion, and the finding with its change."""

    suggestion: Suggestion
    finding: Finding


class CandidateVerifier(Protocol):
    """Builds and compares a candidate."""

    def verify(self, candidate: Candidate) -> Proof:
        """Return everything that can be found out about a candidate."""
        ...


def suggest_slim_base(
    rewrite: ApplicableRewrite,
    findings: Iterable[Finding],
    verifier: CandidateVerifier | None,
    rewrite_bytes: int | None = None,
) -> SlimBase | None:
    """Return the slim base as a suggestion; None where a rewrite gives more, or it does not serve.

    `findings` are those of the rules on the Dockerfile of the rewrite, and `rewrite_bytes` is what
    the rewrite was measured to be; None before it was built. Once it was built, the slim base is
    tried as well where dependencies may need the full one: the proof says if they do.
    """
    rule_input = rewrite.facts.rule_input
    finding = next((x for x in findings if x.rule == FULL_BASE and x.changes), None)
    if finding is None and verifier is not None and rewrite_bytes is not None:
        finding = propose_slim_base(rule_input)
    saving_bytes = _estimate_saving(rewrite, rewrite_bytes)
    if finding is None or saving_bytes is None:
        return None
    if verifier is None:
        finding = replace(finding, saving_bytes=saving_bytes)
        return SlimBase(build_suggestion(rule_input, finding), finding)
    for attempt, proof in _attempt(rewrite, finding, verifier):
        is_same = proof.built and proof.started is not StartResult.DIFFERS
        if is_same and not proof.regressions:
            return SlimBase(add_proof(proof, build_suggestion(rule_input, attempt)), attempt)
    return None


def _estimate_saving(rewrite: ApplicableRewrite, rewrite_bytes: int | None) -> int | None:
    """Return the bytes that the slim base saves; None if unknown, or if a rewrite saves more."""
    image = rewrite.facts.built.image
    name = find_slim_variant(rewrite.facts.rule_input.base_image or "")
    slim = next((x for x in rewrite.base_candidates if x.name == name), None)
    if slim is None or slim.unpacked_bytes is None:
        return None
    if rewrite_bytes is None:
        # What the build stage prunes has no size before it is built: the rewrite may save more.
        if rewrite.prunes:
            return None
        saved = rewrite.estimate_saving(rewrite.base_candidates[0])
        rewrite_bytes = image.unpacked_bytes - saved
    own_bytes = sum(x.unpacked_bytes for x in image.layers if not x.from_base_image)
    slim_bytes = slim.unpacked_bytes + own_bytes
    is_enough = slim_bytes <= _MAX_SIZE_RATIO * rewrite_bytes
    return image.unpacked_bytes - slim_bytes if is_enough else None


def _attempt(
    rewrite: ApplicableRewrite, finding: Finding, verifier: CandidateVerifier
) -> Iterator[tuple[Finding, Proof]]:
    """Yield the change of the base and its proof; then the same with the packages that it lacks."""
    proof = verifier.verify(_make_candidate(rewrite.facts.rule_input, finding))
    yield finding, proof
    hints = hints_from(rewrite.facts, RetryHints(), proof.regressions)
    # Packages can be installed on the slim image. What needs anything else, it cannot serve.
    is_enough = hints == RetryHints(packages=hints.packages)
    installer = rewrite.facts.built.os_release.package_manager
    commands = render_install(PackageInstall(tuple(sorted(hints.packages))), installer)
    if commands and is_enough:
        style, source = rewrite.facts.text_style, rewrite.facts.rule_input.dockerfile.source
        line = style.format_line(style.join_commands(commands))
        added = insert_lines(source, finding.instruction.line_end + 1, line)
        second = replace(finding, changes=(*finding.changes, added))
        yield second, verifier.verify(_make_candidate(rewrite.facts.rule_input, second))


def _make_candidate(rule_input: RuleInput, finding: Finding) -> Candidate:
    text = apply_changes(rule_input.dockerfile.source, finding.changes)
    return Candidate(finding.rule, finding.title, finding.message, text)
