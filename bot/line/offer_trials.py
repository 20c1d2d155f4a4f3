"""Builds and verifies a second offer beside a rewrite that was verified, or all but started.

Its own module, because it must not cost the rewrite anything: it has minutes of its own, whatever
fails here is a line in the log, and the rewrite stays as it is.
"""

from dataclasses import replace

from bot.errors import ReviewError
from bot.image.layers.streams import Unreadable
from bot.line.verification import Verifier
from bot.model.proof import Proof
from bot.model.sizes import format_size
from bot.model.suggestion import SecondOffer, StartResult, Suggestion, Verification
from bot.rewrite.rewrite import ApplicableRewrite
from bot.rewrite.second_offers import Offer, RewriteAttempt
from bot.rewrite.smaller_bases import MAX_SHARE, SECOND_OFFER

_NOT_STARTED = "checked, but not started, since the old image does not run by itself either"


def add_second_offer(
    rewrite: ApplicableRewrite,
    attempt: RewriteAttempt,
    suggestion: Suggestion,
    verifier: Verifier,
) -> Suggestion:
    """Return a rewrite with the first second offer that is verified in the same way.

    Where the old image does not run by itself, that is all but a start.
    """
    verification = suggestion.verification
    if verification is None or verification.unpacked_bytes is None:
        return suggestion
    log: list[str] = []
    try:
        with verifier.second_budget():
            offer = _find_offer(rewrite, attempt, verification, verifier, log)
    except (ReviewError, OSError, Unreadable) as problem:
        log.append(f"second offer: not tried, {getattr(problem, 'what', problem)}")
        offer = None
    logged = replace(suggestion, verification=_add_log(verification, log))
    return _describe_offer(logged, *offer) if offer else logged


def _find_offer(
    rewrite: ApplicableRewrite,
    attempt: RewriteAttempt,
    of_rewrite: Verification,
    verifier: Verifier,
    log: list[str],
) -> tuple[Offer, Proof] | None:
    """Return the first offer that holds, and its proof; each one that was tried has a log line."""
    is_started = of_rewrite.started is StartResult.SAME
    for offer in rewrite.list_second_offers(attempt):
        if offer.needs_start and not is_started:
            continue
        proof = verifier.verify(offer.candidate)
        size = proof.unpacked_bytes or 0
        is_small = 0 < size <= MAX_SHARE * (of_rewrite.unpacked_bytes or 0)
        if is_small and (proof.verified if is_started else proof.lacks_start_alone):
            result = "verified" if is_started else "not started"
            log.append(f"second offer on {offer.base_image}: {result}, {size:,} bytes")
            return offer, proof
        reason = proof.objection or "it is hardly smaller than the rewrite"
        log.append(f"second offer on {offer.base_image}: not offered, {reason}")
    return None


def _add_log(verification: Verification, lines: list[str]) -> Verification:
    return replace(verification, log="\n".join([verification.log, *lines]))


def _describe_offer(suggestion: Suggestion, offer: Offer, proof: Proof) -> Suggestion:
    """Return the suggestion with an offer, in place of what was estimated of one."""
    message, _, _ = suggestion.message.partition(SECOND_OFFER)
    size = proof.unpacked_bytes or 0
    result = "verified" if proof.verified else _NOT_STARTED
    sentence = (
        f"{SECOND_OFFER}built and {result}: on {offer.base_image} it has {format_size(size)};"
        f" {offer.difference}. Its last stage is in the details."
    )
    return replace(
        suggestion,
        message=message + sentence,
        second_offer=SecondOffer(offer.base_image, size, offer.last_stage, proof.started),
    )
