"""The action's own image: its tag, its size, and how the tests build it."""

from tests.support.engine import PrivateEngine
from tests.support.engine.builds import build_image
from tests.support.runner import ROOT

IMAGE = "image-size-review:test"
BOUND = 320_000_000  # bytes, unpacked, on the stand-in bases


def build_action_image(engine: PrivateEngine) -> str:
    """Build the image in an engine and return its tag."""
    engine.ensure("python:3.13.14-slim-trixie", "docker:28.5.2-cli", "debian:bookworm-slim")
    build_image(engine, (IMAGE,), ROOT)
    return IMAGE
