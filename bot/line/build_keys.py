"""The keys of builds: what is built of the same as before need not be built again.

Where it is not sure what goes into an image there is no key, and the image is built.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from functools import cached_property

from bot.line.build_input import BuildInput
from bot.line.dockerfiles import Dockerfiles
from bot.line.fingerprints import Fingerprints
from bot.line.pins import Pins
from bot.line.ports import Git
from bot.line.production import Producer
from bot.line.sent_context import SentContext
from bot.line.worktree import Worktree
from bot.model.build_key import BaseDigest, BuildKey
from bot.model.spec import BuildNeeds, ImageSpec
from bot.project.file_tree import FileTree
from bot.project.image_chains import ChainedImage
from bot.project.image_plan import Fingerprint, is_out_of_tree

_VERSION = 1  # of what is digested


class BuildKeys:
    """Computes what one revision and the caller give the builds of its images."""

    def __init__(self, git: Git, dockerfiles: Dockerfiles, sha: str) -> None:
        self._git, self._dockerfiles, self._sha = git, dockerfiles, sha
        self._fingerprints = Fingerprints(git, sha, self._tree)

    def digest_inputs(self, image: ChainedImage, worktree: Worktree | None = None) -> str:
        """Return a digest of what is given to a build; empty if that is not sure.

        With the worktree of the build, it has to have all contents.
        """
        parts = self._list_parts(image, worktree)
        if parts is None:
            return ""
        text = json.dumps((_VERSION, parts), ensure_ascii=True)
        return f"sha256:{hashlib.sha256(text.encode('ascii')).hexdigest()}"

    @cached_property
    def _tree(self) -> FileTree:
        return self._git.list_files(self._sha)

    def _list_parts(self, image: ChainedImage, worktree: Worktree | None) -> object | None:
        """Return all that counts for an image and for those of the repository that it is on."""
        spec = image.spec
        if image.problem or not self._is_clear(spec) or self._lacks_content(spec, worktree):
            return None
        links = []
        for link in image.links:
            parts = self._list_parts(link.image, worktree)
            if parts is None:
                return None
            links.append((link.name, link.is_base, parts))
        fingerprint = self._fingerprints.compute(spec)
        contents = [context.digest for context in _list_contexts(fingerprint)]
        return (fingerprint.settings, contents, list_needs(spec.needs), links)

    def _is_clear(self, spec: ImageSpec) -> bool:
        """Return True if files and settings say all that a build can read.

        Commands that run before it may read anything, and so may a frontend that is not known.
        """
        if spec.needs.preparation or is_out_of_tree(spec, self._tree):
            return False
        plan = self._dockerfiles.bind(self._sha, spec)
        # A name with a variable that has no value could be any image.
        if plan is None or plan.has_unnamed_images:
            return False
        return self._dockerfiles.has_known_frontend(self._sha, spec)

    def _lacks_content(self, spec: ImageSpec, worktree: Worktree | None) -> bool:
        if worktree is None:
            return False
        missing = (*worktree.lfs_pointers, *worktree.submodules, *worktree.unwritable_files)
        return bool(missing) and bool(self._fingerprints.select_sent(spec, missing))


def make_build_key(
    inputs: str, producer: Producer, source: BuildInput, pins: Pins
) -> BuildKey | None:
    """Return the key of a build with its pins; None if one of its images could be another one."""
    if not inputs:
        return None
    digests: dict[str, str] = {}
    for part, part_pins in list_builds(producer, source, pins):
        if part.moving_contexts:
            return None
        for name in part.external_images:
            digest = "" if name in part_pins.unresolved else part_pins.digests.get(name, "")
            # Another platform may have another image of the name.
            if not digest or digests.setdefault(name, digest) != digest:
                return None
    return BuildKey(inputs, tuple(BaseDigest(*item) for item in sorted(digests.items())))


def list_builds(
    producer: Producer, source: BuildInput, pins: Pins
) -> Iterator[tuple[BuildInput, Pins]]:
    """Yield a build, and those of the images of the repository that it is on, with their pins."""
    yield source, pins
    for base in source.bases.values():
        yield from list_builds(producer, base, producer.pin(base))


def _list_contexts(fingerprint: Fingerprint) -> Sequence[SentContext]:
    content = fingerprint.content
    contexts = content if isinstance(content, tuple) else (content,)
    return [context for context in contexts if isinstance(context, SentContext)]


def list_needs(needs: BuildNeeds) -> tuple[object, ...]:
    """Return what a build gets from the caller: secrets by their IDs, never by their values."""
    secrets = sorted((secret.id, secret.kind.value) for secret in needs.secrets)
    # Of `ID=SOCKET`, the path of the socket is another one in each job.
    agents = sorted(entry.partition("=")[0] for entry in needs.ssh)
    return (secrets, agents, needs.network, sorted(needs.add_hosts))
