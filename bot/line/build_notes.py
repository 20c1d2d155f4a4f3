"""Notes and warnings about the builds of an image: what they lacked, and what ran before them."""

from collections.abc import Sequence
from textwrap import shorten

from bot.line.production import Production
from bot.line.warning_checks import add_warning
from bot.model.check_names import PREPARATION_CHECK
from bot.model.report import ImageReport

_MAX_COMMAND_CHARACTERS = 200


def list_build_notes(*productions: Production | None) -> tuple[str, ...]:
    """Return what the builds of both sides lacked, once."""
    built = (x.built for x in productions if x and x.built)
    lacks = dict.fromkeys(note for image in built for note in image.notes)
    return (*_note_preparation([x for x in productions if x]), *lacks)


def add_preparation_check(
    report: ImageReport, old: Production | None, new: Production
) -> ImageReport:
    """Return the report with a warning if what runs before a build decides what is built.

    The commands may be scripts of the revision, which nobody sees in a Dockerfile.
    """
    sides = (("base", old), ("head", new))
    altered = [
        f"{' and '.join(production.source.rewritten_files)} ({side})"
        for side, production in sides
        if production and production.source.rewritten_files
    ]
    if not altered:
        return report
    reason = f"the commands of prepare change {', '.join(altered)}: another image may be built"
    return add_warning(report, PREPARATION_CHECK, reason)


def _note_preparation(productions: Sequence[Production]) -> tuple[str, ...]:
    """Say what ran in the checkouts before the builds, and for how long."""
    seconds = [x.source.preparation_s for x in productions if x.source.preparation_s]
    preparation = productions[-1].source.spec.needs.preparation
    if preparation is None or not seconds:
        return ()
    times = " and ".join(f"{time_s:.1f} s" for time_s in seconds)
    # A script may be written into the configuration as a whole.
    commands = shorten("; ".join(preparation.commands), _MAX_COMMAND_CHARACTERS, placeholder=" …")
    sides = "in both revisions " if len(seconds) > 1 else ""
    return (f"Prepared {sides}with {preparation.image} in {times}: {commands}",)
