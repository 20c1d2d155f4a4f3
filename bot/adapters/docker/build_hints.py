"""Ways out of builds that fail for a reason which a setting or the machine can change.

BuildKit names the reason in its own terms, and not the option or the set-up that is missing. The
patterns of the reasons are sections of data/build_errors.txt.
"""

from dataclasses import replace

from bot.model.image import BuildFailure
from bot.model.spec import ImageSpec
from bot.pattern_lists import compile_sections

_HINTS = {
    "missing shell": (
        'the image has no /bin/sh: use the exec form, RUN ["program"], or a base image with a shell'
    ),
    "missing program": (
        "the image has no such program: install or copy it first, or correct its name"
    ),
    "platform": (
        "this machine cannot run programs for {platform}. Set up QEMU first: "
        "docker/setup-qemu-action in a workflow, elsewhere `docker run --privileged --rm "
        "tonistiigi/binfmt --install all`"
    ),
    "platform that is not offered": (
        "the image is not offered for {platform}. Choose one that is, or other platforms"
    ),
    "network of the host": "`RUN --network=host` must be allowed: --build-network host",
    "insecure step": (
        "`RUN --security=insecure` needs a builder that allows it: `docker buildx create "
        "--use --buildkitd-flags '--allow-insecure-entitlement security.insecure'`"
    ),
    "older buildx": (
        "this docker-buildx is older than 0.10. Install a newer one, in a workflow with "
        "docker/setup-buildx-action"
    ),
}


def add_hint(failure: BuildFailure, spec: ImageSpec, engine_platform: str) -> BuildFailure:
    """Return a failure with what to do about it, where that is known."""
    texts = (failure.reason, *failure.log)
    for section, hint in _HINTS.items():
        pattern = compile_sections("bot.adapters.docker", "build_errors.txt", section)
        if any(pattern.search(text) for text in texts):
            advice = hint.format(platform=spec.platform or engine_platform)
            return replace(failure, reason=f"{failure.reason} ({advice})")
    return failure
