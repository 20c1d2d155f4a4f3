"""Builds images of single commits, and keeps what they measured."""

import hashlib
import json
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Protocol

from bot.line.build_keys import list_needs
from bot.line.commit_plans import CommitPlans
from bot.line.image_trail import ImageNameAndPlatform, select_planned
from bot.line.needed_files import list_needed_files
from bot.line.review import ReviewTools, check_out, find_missing_images, make_inputs
from bot.line.review_request import ReviewedRevision
from bot.model.image import BuildFailure, Image, MeasureFailure
from bot.model.spec import ImageSpec
from bot.project.file_tree import FileTree, select_below
from bot.project.image_plan import PlannedImage, is_out_of_tree, list_context_folders
from bot.pull_request.event import Commit
from bot.records.image_detail import parse_detail, render_detail
from bot.records.record import Record
from bot.records.record_writer import make_image_record

_MOST_OWNERS = 300


@dataclass(frozen=True, slots=True)
class Measurement:
    """The sizes that were measured of a commit: a record, and its image without the files.

    `image` is None if it has too many owners to keep them.
    """

    record: Record
    image: Image | None = None


class MeasurementStore(Protocol):
    """A store of what was measured before, so that a run that was interrupted goes on."""

    def load(self, key: str) -> Measurement | None:
        """Return what was measured; None if there is nothing, or it is too old to compare."""
        ...

    def save(self, key: str, record: Record, detail: bytes) -> None:
        """Keep a record, and the detail of its image, which may be empty."""
        ...


class CommitBuilds:
    """Measures images at commits; `builds` and `reused` count where the sizes came from."""

    def __init__(
        self, tools: ReviewTools, plans: CommitPlans, measurements: MeasurementStore
    ) -> None:
        self._tools, self._plans, self._measurements = tools, plans, measurements
        self._find_missing = find_missing_images(tools)
        self.builds = self.reused = 0
        self._measured: dict[str, Record] = {}
        self._images: dict[str, Image] = {}
        self.notes: list[str] = []

    def measure(self, position: int, key: ImageNameAndPlatform) -> Record | str:
        """Return the size of an image at a commit, or why there is none.

        What is built of the same as at another commit, as after a revert, is not built again.
        """
        commit = self._plans.commits[position]
        planned = select_planned(self._plans.plan_build(position, self._find_missing), key)
        if planned is None or planned.head is None:
            return "the commit declares no such image"
        cache_key = _make_cache_key(commit.sha, planned.head)
        if measurement := self._measurements.load(cache_key):
            self.reused += 1
            self._keep(measurement)
            return measurement.record
        inputs = _list_inputs(planned, self._tools.git.list_files(commit.sha))
        same = self._measured.get(inputs) if inputs else None
        if same:
            return replace(same, commit=commit.sha, date=commit.date)
        result = self._build(planned, commit.sha)
        if not isinstance(result, Image):
            return result
        record = make_image_record(
            planned.head, result, commit.sha, commit.date, most_owners=_MOST_OWNERS
        )
        detail = render_detail(result) or b""
        self._measurements.save(cache_key, record, detail)
        self._keep(Measurement(record, parse_detail(detail, record) if detail else None))
        # After a revert, these files are built again under another commit.
        if inputs:
            self._measured[inputs] = record
        return record

    def find_image(self, record: Record) -> Image | None:
        """Return the image of a record that was measured, without its files."""
        return self._images.get(record.image_id)

    def _keep(self, measurement: Measurement) -> None:
        if measurement.image is not None:
            self._images[measurement.record.image_id] = measurement.image

    def _build(self, planned: PlannedImage, sha: str) -> Image | str:
        self.builds += 1
        tools, revision = self._tools, ReviewedRevision(Commit(sha), sha)
        dockerfiles = self._plans.contexts.dockerfiles
        paths = list_needed_files(tools.git, dockerfiles, sha, [planned.head_chain])
        with check_out(tools, sha[:12], revision, self.notes, paths) as checkout:
            inputs = make_inputs(tools.producer, planned, None, checkout)
            with closing(tools.producer.take_turns([inputs])) as turns:
                for sources in turns:
                    pins = tools.producer.pin(*sources)
                    with tools.producer.produce(sources, pins) as productions:
                        return _explain(productions[-1].result)
        return "nothing was built"


def _explain(result: Image | BuildFailure | MeasureFailure | None) -> Image | str:
    if isinstance(result, BuildFailure | MeasureFailure):
        return result.reason
    return result if result is not None else "nothing was built"


def _list_inputs(planned: PlannedImage, tree: FileTree) -> str:
    """Return a digest of all files that a build can read, and of its settings.

    Empty where that is not sure: for images on others of the repository, with commands before the
    build, behind links, or in submodules.
    """
    spec, chain = planned.spec, planned.head_chain
    if spec.needs.preparation or is_out_of_tree(spec, tree) or (chain and chain.links):
        return ""
    digest = hashlib.sha256(_make_cache_key("", spec).encode())
    for folder in (spec.context, *list_context_folders(spec)):
        for path in select_below(tree.paths, folder):
            digest.update(f"{path}\0{tree[path]}\0".encode(errors="surrogateescape"))
    # Attributes decide how git writes the files, wherever they are.
    others = (spec.dockerfile, f"{spec.dockerfile}.dockerignore", *tree.attribute_files)
    for path in others:
        digest.update(f"{path}\0{tree.get(path)}\0".encode(errors="surrogateescape"))
    return digest.hexdigest()


def _make_cache_key(sha: str, spec: ImageSpec) -> str:
    """Return a digest of a commit and of what the caller can say of a build."""
    commands = spec.needs.preparation
    settings = (
        *(sha, spec.name, spec.dockerfile, spec.context, spec.target, spec.platform),
        *(sorted(spec.build_args.items()), sorted(spec.build_contexts.items())),
        *(list_needs(spec.needs), commands and (commands.image, commands.commands)),
    )
    return hashlib.sha256(json.dumps(settings).encode()).hexdigest()
