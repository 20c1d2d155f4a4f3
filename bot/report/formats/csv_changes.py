"""The rows of CSV of `audit --since`: each change of a size, of a commit, of none, or left open."""

from collections.abc import Iterator

from bot.model.image_identity import ImageIdentity
from bot.model.since import SinceFacts, WalkedCommit
from bot.report import escape

_COLUMNS = (
    "kind",
    "image",
    "dockerfile",
    "platform",
    "from",
    "to",
    "date",
    "author",
    "pull_request",
    "delta_bytes",
    "line",
    "owner",
)
_Row = tuple[str | int, ...]


def list_changes(since: SinceFacts) -> Iterator[_Row]:
    """Yield the header, then a row for each part of a net change; a cell may be empty."""
    yield _COLUMNS
    for change in since.changes:
        end = (change.bytes, change.line_start or "", escape.csv_cell(change.owner))
        yield (*_start("commit", change.image, "", change.commit), *end)
    for move in since.moved:
        end = (move.bytes, "", escape.csv_cell(move.owner))
        yield (*_start("moved", move.image, move.older.sha, move.newer), *end)
    for part in since.unexamined:
        # Empty and not 0: nobody knows what such a range holds.
        net = "" if part.bytes is None else part.bytes
        yield (*_start(part.reason.value, part.image, part.older.sha, part.newer), net, "", "")


def _start(kind: str, image: ImageIdentity, older: str, newer: WalkedCommit) -> _Row:
    texts = (kind, image.name, image.dockerfile, image.platform or "", older, newer.sha)
    cells = (escape.csv_cell(text) for text in (*texts, newer.date, newer.author))
    return (*cells, "" if newer.pull_request is None else newer.pull_request)
