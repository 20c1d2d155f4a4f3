"""Images that were measured before of exactly what they are built of now.

Only records of the first-parent history count, which nobody but a push to the default branch
writes. What a record cannot say is built.
"""

from collections.abc import Iterator

from bot.image.archives.platforms import detect_host_platform
from bot.line.build_keys import BuildKeys
from bot.line.checkout import Checkout
from bot.line.dockerfiles import Dockerfiles
from bot.line.ports import Git
from bot.line.record_store import RecordStore
from bot.line.recorded_images import RecordedImages
from bot.line.report_history import StoreOpener
from bot.line.review_request import ReviewRequest
from bot.model.build_key import BuildKey
from bot.model.image import Image
from bot.model.spec import ImageSpec
from bot.project.image_chains import ChainedImage
from bot.pull_request.event import Commit
from bot.records.record import ImageKey, Record


class KnownImages:
    """Finds the records of images by their keys, and reads the images from them."""

    def __init__(
        self, git: Git, dockerfiles: Dockerfiles, store: RecordStore, commit: Commit
    ) -> None:
        self._git, self._dockerfiles, self._store = git, dockerfiles, store
        self.recorded = RecordedImages(git, store, commit)
        self._keys: dict[str, BuildKeys] = {}

    def digest_inputs(self, image: ChainedImage | None, checkout: Checkout) -> str:
        """Return a digest of what a revision gives a build; empty if that is not sure."""
        if image is None:
            return ""
        sha = checkout.sha
        # Not with setdefault: to make one lists and indexes all files of the revision.
        if sha not in self._keys:
            self._keys[sha] = BuildKeys(self._git, self._dockerfiles, sha)
        return self._keys[sha].digest_inputs(image, checkout.worktree)

    def find(self, spec: ImageSpec, key: BuildKey) -> tuple[Record, Image] | None:
        """Return the newest record with a key, and its image."""
        return next(self.list_images(spec, key.inputs, key), None)

    def list_images(
        self, spec: ImageSpec, inputs: str, key: BuildKey | None = None
    ) -> Iterator[tuple[Record, Image]]:
        """Yield the records of an image with some inputs, the newest first, with their images.

        With a key, only those that were built on the same images from outside.
        """
        name = ImageKey(spec.name, spec.platform or detect_host_platform())
        for record in self.recorded.find(name) if inputs else ():
            build = record.build
            if build is None or build.key.inputs != inputs or (key and build.key != key):
                continue
            image = self.recorded.read_image(record)
            if image is not None:
                yield record, image


def open_known_images(
    git: Git,
    dockerfiles: Dockerfiles,
    open_store: StoreOpener | None,
    request: ReviewRequest,
) -> KnownImages | None:
    """Return the images that are recorded in base's history, or head's without a base.

    None if the request names no history that could be read.
    """
    if request.history is None or open_store is None:
        return None
    return KnownImages(git, dockerfiles, open_store(request.history), request.history_commit)
