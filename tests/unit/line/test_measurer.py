"""What reading an image may raise, and what becomes of it: a row with a reason."""

import struct
import zlib
from io import StringIO

import pytest

from bot.adapters.plain_progress import QuietProgress
from bot.errors import InputError
from bot.image.archives.layer_cache import LayerCache
from bot.image.archives.manifest_resolver import ScannedImage
from bot.image.layers.streams import Unreadable
from bot.line.measurer import Measurer
from bot.model.image import MeasureFailure


class FailingReader:
    """The port `ImageReader`: every image raises the same error."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def read(self, reference: str, platform: str | None, layer_cache: LayerCache) -> ScannedImage:
        raise self._error

    def list_platforms(self, reference: str) -> tuple[str, ...]:
        raise self._error


@pytest.mark.parametrize(
    "error",
    [
        *(Unreadable("why"), OSError("why"), ValueError("why"), KeyError("why"), TypeError("why")),
        *(AttributeError("why"), OverflowError("why"), RecursionError("why"), MemoryError("why")),
        *(struct.error("why"), zlib.error("why"), UnicodeDecodeError("utf-8", b"", 0, 0, "why")),
    ],
)
def test_whatever_an_image_makes_its_reader_raise_is_a_reason(error: Exception) -> None:
    failure = Measurer(FailingReader(error), QuietProgress(StringIO())).measure("x")
    assert isinstance(failure, MeasureFailure)
    assert "why" in failure.reason
    assert isinstance(
        Measurer(FailingReader(error), QuietProgress(StringIO())).list_platforms("x"),
        MeasureFailure,
    )


def test_a_reason_does_not_quote_a_megabyte() -> None:
    failure = Measurer(
        FailingReader(Unreadable("x" * 1_000_000)), QuietProgress(StringIO())
    ).measure("x")
    assert isinstance(failure, MeasureFailure)
    assert len(failure.reason) < 1100


def test_a_wrong_argument_is_not_an_image_that_cannot_be_read() -> None:
    with pytest.raises(InputError):
        Measurer(FailingReader(InputError("what")), QuietProgress(StringIO())).measure("x")
