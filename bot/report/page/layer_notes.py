"""What a line does to the bytes of others, in words."""

import re

from bot.model.changes import Note, Remark
from bot.model.comparison import Attribution
from bot.model.image import Image
from bot.model.sizes import show_size
from bot.report.page import image_facts
from bot.report.page.page_model import Phrase, count

_SHOWN = 3
_CHANGES_OWNER_OR_MODE = re.compile(r"\bch(?:own|grp|mod)\b")
_TOLD = 20  # a twentieth of what the row moves is worth a word


def remarks(row: Attribution, head: Image | None) -> list[Phrase]:
    """The notes on a row that are worth a word, the weightiest first."""
    told = [note for note in row.notes if note.bytes and note.bytes * _TOLD >= abs(row.delta_bytes)]
    return [(_words(note, row, head),) for note in told[:_SHOWN]]


def explains(row: Attribution) -> bool:
    """Whether the first note accounts for most of what the row adds."""
    adding = (Remark.COPIED, Remark.MOVED)
    return any(
        note.remark in adding and 0 < row.delta_bytes <= 2 * note.bytes for note in row.notes[:1]
    )


def origin(image: Image | None, index: int) -> str:
    """Where a layer comes from: `line 4`, `the base image`, or its number."""
    layer = image.layers[index] if image and index < len(image.layers) else None
    if layer and layer.from_base_image:
        return "the base image"
    lines = layer.instruction if layer else None
    return image_facts.lines(lines.line_start, lines.line_end) if lines else f"layer {index + 1}"


def _words(note: Note, row: Attribution, head: Image | None) -> str:
    size, whose = show_size(note.bytes), origin(head, note.layer or 0)
    match note.remark:
        case Remark.COPIED if _CHANGES_OWNER_OR_MODE.search(row.text):
            return f"copies {size} of {whose} again, only to change owner or mode"
        case Remark.COPIED:
            return f"ships {size} of {whose} again, with the same content"
        case Remark.MOVED:
            return f"moves {count(note.files, 'file')} of {whose}: {size} are shipped twice"
        case Remark.REMOVED:
            return f"removes {size} of {whose}, which are shipped all the same"
    return f"replaces {size} of {whose}, which are shipped all the same"
