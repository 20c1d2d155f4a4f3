"""Prepares the multi-stage rewrite of a built image: opens the image, and looks up base images."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bot.advise.subject import RuleInput
from bot.line.image_opener import ImageOpener
from bot.line.production import MeasuredImage, Producer
from bot.model.image import Image
from bot.rewrite.build_facts import BaseCandidate, BuildFacts
from bot.rewrite.package_graph import read_package_graph
from bot.rewrite.python_tools import list_distribution_folders
from bot.rewrite.rewrite import ApplicableRewrite, NotApplicable, assess_rewrite


@dataclass(frozen=True, slots=True)
class Rewriter:
    """Assesses which rewrite an image allows, from its open files."""

    producer: Producer
    opener: ImageOpener

    @contextmanager
    def prepare_rewrite(
        self, rule_input: RuleInput, measured: MeasuredImage, base_reference: str
    ) -> Iterator[ApplicableRewrite | NotApplicable]:
        """Assess the rewrite of an image; what is yielded is valid while its files are open."""
        with self.opener.open(measured, base_reference) as built:
            yield assess_rewrite(BuildFacts(rule_input, built), self._find_base_candidate)

    def _find_base_candidate(self, name: str) -> BaseCandidate | None:
        """Return a base image, or None if it cannot be had.

        Its configuration and packages are known only if the engine has it.
        """
        pins = self.producer.builder.pin_images([name], None)
        if name in pins.unresolved:
            return None
        if name not in pins.diff_ids:
            return BaseCandidate(name)
        result = self.producer.measurer.measure(name)
        size = result.unpacked_bytes if isinstance(result, Image) else None
        distributions = list_distribution_folders(result.tree if isinstance(result, Image) else ())
        inspector = self.opener.inspector
        with inspector.open_files(name) as files:
            packages = frozenset(read_package_graph(files).packages)
        config = inspector.read_config(name)
        return BaseCandidate(name, config, packages, size, distributions)
