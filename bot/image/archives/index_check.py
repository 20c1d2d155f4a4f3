"""Checks of a kept layer index against what is known of its layer without reading it.

Whoever can write the cache can make up an index, with a digest that is right. It is believed only
as far as the image itself agrees: the size of the layer's blob, or the size that an engine states
for all layers together. An index that does not agree is read again from its layer.
"""

from collections.abc import Iterable, Sequence

from bot.image.layers.layer_index import LayerIndex
from bot.image.layers.tar_headers import BLOCK_BYTES
from bot.model.files import Entry, EntryKind

# What a tar has besides one header and the content of each entry: extended headers, and its end.
_EXTRA_BYTES_PER_ENTRY = 4096
_END_BYTES = 32 << 10
# What a compressor adds to content that cannot be compressed: a thousandth, and its own header.
_MAX_EXPANSION = 1000
_EXPANSION_BYTES = 4096
_MAX_LINK_BYTES = 1 << 20  # of all symbolic links; those of large images have a fifth


def agrees_with_blob(index: LayerIndex, blob_bytes: int, *, is_plain: bool) -> bool:
    """Return True if a layer's blob may have the entries of an index.

    A plain blob is the tar itself; a compressed one is hardly larger than the tar.
    """
    least_bytes = _sum_tar_bytes(index.entries)
    most_bytes = least_bytes + _EXTRA_BYTES_PER_ENTRY * len(index.entries) + _END_BYTES
    if is_plain:
        return least_bytes <= blob_bytes <= most_bytes
    return blob_bytes <= most_bytes + most_bytes // _MAX_EXPANSION + _EXPANSION_BYTES


def agree_with_total(indexes: Iterable[LayerIndex], total_bytes: int) -> bool:
    """Return True if layers have the bytes that an engine states for all of them together.

    The engine counts the lengths of symbolic links in the layers that it did not build itself.
    """
    file_bytes, link_bytes = 0, []
    for index in indexes:
        file_bytes += index.unpacked_bytes
        link_bytes.append(sum_link_bytes(index.entries))
    if sum(link_bytes) > _MAX_LINK_BYTES:
        return False
    # At most _MAX_LINK_BYTES + 1 different sums, however many layers there are.
    return total_bytes - file_bytes in _list_sums(link_bytes)


def sum_link_bytes(entries: Iterable[Entry]) -> int:
    """Return the lengths of the targets of symbolic links, in bytes."""
    links = (entry.link for entry in entries if entry.kind is EntryKind.SYMLINK)
    return sum(len(link.encode(errors="surrogateescape")) for link in links)


def _sum_tar_bytes(entries: Iterable[Entry]) -> int:
    """Return the bytes of a tar with these entries at the least."""
    return sum(
        BLOCK_BYTES + (entry.size + BLOCK_BYTES - 1) // BLOCK_BYTES * BLOCK_BYTES
        for entry in entries
    )


def _list_sums(numbers: Sequence[int]) -> set[int]:
    """Return the sums that some of the numbers can have."""
    sums = {0}
    for number in numbers:
        sums |= {total + number for total in sums}
    return sums
