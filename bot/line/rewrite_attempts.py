"""Tries the rewrites of one image, base image by base image, until one is verified.

Its own module, because a failed attempt is not the end: its regressions say what the next one must
keep.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.advise.rules.full_base_where_slim_serves import ANSWERED_BY_PROOF
from bot.line.offer_trials import add_second_offer
from bot.line.verification import Verifier
from bot.model.candidate import Candidate
from bot.model.proof import Proof, RegressionKind
from bot.model.suggestion import Confidence, StartResult, Suggestion, Verification
from bot.rewrite.build_facts import BaseCandidate
from bot.rewrite.plan import RetryHints
from bot.rewrite.retry_hints import explain_refusal, hints_from
from bot.rewrite.rewrite import ALMOST_NOTHING, ApplicableRewrite, NotApplicable
from bot.rewrite.second_offers import RewriteAttempt

_MAX_ATTEMPTS = 3  # on one base image
_MAX_BASE_CANDIDATES = 2
_MIN_UNKNOWN_BYTES = 10_000  # bytes that a change has to save where the layers show no saving
_MAX_REGRESSIONS_SHOWN = 3
_FILE_KINDS = (RegressionKind.FILE, RegressionKind.FOLDER)


def choose_rewrite(
    rewrite: ApplicableRewrite, verifier: Verifier | None
) -> tuple[list[Suggestion], str]:
    """Return the first verified rewrite, else one without regressions, else a reason."""
    unverified: list[Suggestion] = []
    reasons: list[str] = []
    for base in rewrite.base_candidates[:_MAX_BASE_CANDIDATES]:
        failures: list[str] = []
        for suggestion in _attempt_rewrites(rewrite, base, verifier, failures):
            if suggestion.confidence is Confidence.VERIFIED or verifier is None:
                return [suggestion], ""
            unverified.append(suggestion)
        reasons += failures[-1:]  # the last attempt had the most hints
    return unverified[:1], "" if unverified else reasons[0]


def add_proof(proof: Proof, suggestion: Suggestion) -> Suggestion:
    """Return a suggestion with the result of its verification."""
    log = "\n".join([*proof.log, *(x.message for x in proof.regressions)])
    message = suggestion.message
    return replace(
        suggestion,
        message=message.removesuffix(ANSWERED_BY_PROOF) if proof.verified else message,
        confidence=Confidence.VERIFIED if proof.verified else suggestion.confidence,
        saving_bytes=proof.saving_bytes if _has_measured_saving(proof) else suggestion.saving_bytes,
        verification=Verification(proof.built, proof.started, proof.unpacked_bytes, log),
    )


def judge_finding(proof: Proof, suggestion: Suggestion) -> Suggestion | None:
    """Return a finding with the result of trying its change.

    None where the change breaks the start, where more than a few things are lost, or where the
    image is not smaller. Two builds of equal
    files differ by a few bytes in logs and times, which is no saving of a rule that knew of none.
    """
    if not proof.built or proof.started is StartResult.DIFFERS:
        return None
    min_bytes = _MIN_UNKNOWN_BYTES if suggestion.saving_bytes is None else 1
    if _has_measured_saving(proof) and (proof.saving_bytes or 0) < min_bytes:
        return None
    # Rules propose to leave files out, and say so: only what else is lost counts against a change.
    others = (loss for loss in proof.regressions if loss.kind not in _FILE_KINDS)
    losses = [loss.message for loss in others]
    if len(losses) > _MAX_REGRESSIONS_SHOWN:
        return None
    tried = add_proof(proof, suggestion)
    return _describe_losses(tried, losses) if losses else tried


def _describe_losses(suggestion: Suggestion, losses: Sequence[str]) -> Suggestion:
    """Return a finding without its change, which loses something, and with what it loses."""
    problems = " ".join(losses)
    message = f"{suggestion.message} It was tried, and needs more than this change: {problems}"
    return replace(suggestion, message=message, edits=())


def _attempt_rewrites(
    rewrite: ApplicableRewrite,
    base: BaseCandidate,
    verifier: Verifier | None,
    failures: list[str],
) -> Iterator[Suggestion]:
    """Yield rewrites without regressions; each attempt gets hints from the one before it.

    The reasons of failed attempts are added to `failures`.
    """
    hints, tried = RetryHints(), set[bytes]()
    for _ in range(_MAX_ATTEMPTS):
        candidate = rewrite.build_candidate(base, hints, is_measured=verifier is not None)
        if isinstance(candidate, NotApplicable):
            failures.append(candidate.reason)
            return
        # The regressions have not changed anything: another build would fail in the same way.
        if candidate.dockerfile in tried:
            return
        tried.add(candidate.dockerfile)
        estimate = _make_estimated_suggestion(candidate, rewrite.estimate_saving(base))
        if verifier is None:
            yield estimate
            return
        proof = verifier.verify(candidate)
        reason = _explain_end(rewrite, base, proof)
        if reason is None and not proof.regressions:
            proved = add_proof(proof, estimate)
            attempt = RewriteAttempt(base, hints, candidate)
            may_offer = proof.verified or proof.lacks_start_alone
            yield add_second_offer(rewrite, attempt, proved, verifier) if may_offer else proved
            return
        failures.append(reason or _describe_failure(proof))
        if reason is not None:
            return
        hints = hints_from(rewrite.facts, hints, proof.regressions)


def _explain_end(rewrite: ApplicableRewrite, base: BaseCandidate, proof: Proof) -> str | None:
    """Return the reason to give a base image up after an attempt; None if there is none."""
    if proof.regressions:
        return explain_refusal(rewrite.facts, rewrite.ecosystem, proof.regressions) or None
    # The packages that failed attempts asked for may have taken the saving again.
    is_worth_it = proof.saving_bytes is None or rewrite.is_worth_a_stage(base, proof.saving_bytes)
    return None if is_worth_it else ALMOST_NOTHING


def _describe_failure(proof: Proof) -> str:
    messages = " ".join(x.message for x in proof.regressions[:_MAX_REGRESSIONS_SHOWN])
    return f"a rewrite was tried and failed: {messages.removesuffix('.')}"


def _make_estimated_suggestion(candidate: Candidate, saving_bytes: int) -> Suggestion:
    """Return the suggestion of a rewrite that nobody has built."""
    return Suggestion(
        rule=candidate.rule,
        title=candidate.title,
        message=candidate.message,
        confidence=Confidence.ESTIMATED,
        line_start=candidate.line_start,
        line_end=candidate.line_end,
        saving_bytes=max(saving_bytes, 0),
        dockerfile=candidate.dockerfile.decode("utf-8", "surrogateescape"),
    )


def _has_measured_saving(proof: Proof) -> bool:
    """Return True if both images were measured and the candidate is meant to be smaller."""
    return proof.saving_bytes is not None and proof.candidate.must_shrink
