"""Ways out of builds that fail for a reason around them: the machine, the builder, the disk.

BuildKit names the reason in its own terms, and not the option or the set-up that is missing.
"""

import re
from dataclasses import replace

from bot.model.image import BuildFailure
from bot.model.spec import ImageSpec

_OTHER_PLATFORM = (
    "this machine cannot run programs for {platform}. Set up QEMU first: docker/setup-qemu-action "
    "in a workflow, elsewhere `docker run --privileged --rm tonistiigi/binfmt --install all`"
)
# A pattern of the error or of the failing step's output, and what to do then.
_HINTS = tuple(
    (re.compile(pattern), hint)
    for pattern, hint in (
        (
            r'runc run failed: unable to start container process: .*exec: "/bin/sh": stat ',
            'the image has no /bin/sh: use the exec form, RUN ["program"], or a base image with '
            "a shell",
        ),
        (
            r'runc run failed: unable to start container process: .*exec: "[^"]*": '
            r"(?:stat \S+: no such file|executable file not found)",
            "the image has no such program: install or copy it first, or correct its name",
        ),
        (r"[Ee]xec format error", _OTHER_PLATFORM),
        (
            r"no match for platform in manifest|does not match the (?:specified|expected) platform",
            "the image is not offered for {platform}. Choose one that is, or other platforms",
        ),
        (
            r"network\.host is not allowed",
            "`RUN --network=host` must be allowed: --build-network host",
        ),
        (
            r"security\.insecure is not allowed",
            "`RUN --security=insecure` needs a builder that allows it: `docker buildx create "
            "--use --buildkitd-flags '--allow-insecure-entitlement security.insecure'`",
        ),
        (
            r"[Nn]o space left on device|[Dd]isk quota exceeded",
            "the disk of the engine is full. `docker system df` lists what is on it, `docker "
            "builder prune` removes old build steps",
        ),
        (
            r"unknown flag: --(?:provenance|sbom|build-context|load)",
            "this docker-buildx is older than 0.10. Install a newer one, in a workflow with "
            "docker/setup-buildx-action",
        ),
    )
)


def add_hint(failure: BuildFailure, spec: ImageSpec, engine_platform: str) -> BuildFailure:
    """Return a failure with what to do about it, where that is known."""
    texts = (failure.reason, *failure.log)
    for pattern, hint in _HINTS:
        if any(pattern.search(text) for text in texts):
            advice = hint.format(platform=spec.platform or engine_platform)
            return replace(failure, reason=f"{failure.reason} ({advice})")
    return failure
