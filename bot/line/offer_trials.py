"""Builds and verifies a second offer beside a verified rewrite.

Its own module, because it must not cost the rewrite anything: it has minutes of its own, whatever
fails here is a line in the log, and the rewrite stays as it is.
"""

from dataclasses import replace

from bot.errors import ReviewError
from bot.image.layers.streams import Unreadable
from bot.line.verification import Verifier
from bot.model.proof import Proof
from bot.model.sizes import format_size
from bot.model.suggestion import SecondOffer, Suggestion, Verification
from bot.rewrite.rewrite import ApplicableRewrite
from bot.rewrite.second_offers import Offer, RewriteAttempt
from bot.rewrite.smaller_bases import MAX_SHARE, SECOND_OFFER


def add_second_offer(
    rewrite: ApplicableRewrite,
    attempt: RewriteAttempt,
    suggestion: Suggestion,
    verifier: Verifier,
) -> Suggestion:
    """Return a verified rewrite with the first second offer that is verified, too."""
    verification = suggestion.verification
    if verification is None or verification.unpacked_bytes is None:
        return suggestion
    log: list[str] = []
    try:
        with verifier.second_budget():
            offer = _find_offer(rewrite, attempt, verification.unpacked_bytes, verifier, log)
    except (ReviewError, OSError, Unreadable) as problem:
        log.append(f"second offer: not tried, {getattr(problem, 'what', problem)}")
        offer = None
    logged = replace(suggestion, verification=_add_log(verification, log))
    return _describe_offer(logged, *offer) if offer else logged


def _find_offer(
    rewrite: ApplicableRewrite,
    attempt: RewriteAttempt,
    rewrite_bytes: int,
    verifier: Verifier,
    log: list[str],
) -> tuple[Offer, int] | None:
    """Return the first verified offer and its bytes; each one that was tried has a log line."""
    for offer in rewrite.list_second_offers(attempt):
        proof = verifier.verify(offer.candidate)
        size = proof.unpacked_bytes
        is_small = size is not None and size <= MAX_SHARE * rewrite_bytes
        if proof.verified and is_small and size is not None:
            log.append(f"second offer on {offer.base_image}: verified, {size:,} bytes")
            return offer, size
        log.append(f"second offer on {offer.base_image}: not offered, {_explain(proof)}")
    return None


def _explain(proof: Proof) -> str:
    """Return why an offer that was tried is not made."""
    if proof.regressions:
        return proof.regressions[0].message.partition("\n")[0]
    skipped = [line for line in proof.log if ": not run, " in line]
    return skipped[0] if skipped else "it is hardly smaller than the rewrite"


def _add_log(verification: Verification, lines: list[str]) -> Verification:
    return replace(verification, log="\n".join([verification.log, *lines]))


def _describe_offer(suggestion: Suggestion, offer: Offer, size: int) -> Suggestion:
    """Return the suggestion with an offer, in place of what was estimated of one."""
    message, _, _ = suggestion.message.partition(SECOND_OFFER)
    sentence = (
        f"{SECOND_OFFER}built and verified: on {offer.base_image} it has {format_size(size)};"
        f" {offer.difference}. Its last stage is in the details."
    )
    return replace(
        suggestion,
        message=message + sentence,
        second_offer=SecondOffer(offer.base_image, size, offer.last_stage),
    )
