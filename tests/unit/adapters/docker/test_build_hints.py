"""Ways out of builds that fail for a reason around them."""

import pytest

from bot.adapters.docker.build_hints import add_hint
from bot.model.image import BuildFailure
from bot.model.spec import ImageSpec

SPEC = ImageSpec("x", "Dockerfile", ".", platform="linux/s390x")


@pytest.mark.parametrize(
    ("reason", "log", "hint"),
    [
        (
            "exit code: 255",
            "#5 exec /bin/sh: exec format error",
            "programs for linux/s390x. Set up",
        ),
        ("no match for platform in manifest: not found", "", "not offered for linux/s390x"),
        ("failed to load LLB: network.host is not allowed", "", "--build-network host"),
        ("security.insecure is not allowed", "", "security.insecure'"),
        (
            "exit code: 1",
            "0.1 runc run failed: unable to start container process: "
            'exec: "/bin/sh": stat /bin/sh: no such file or directory',
            "use the exec form",
        ),
        (
            "exit code: 1",
            "0.1 runc run failed: unable to start container process: "
            'exec: "/nope": stat /nope: no such file or directory',
            "the image has no such program",
        ),
        ("unknown flag: --provenance", "", "older than 0.10"),
    ],
)
def test_a_known_reason_has_a_way_out(reason: str, log: str, hint: str) -> None:
    explained = add_hint(BuildFailure(reason, (log,)), SPEC, "linux/amd64")
    assert explained.reason.startswith(f"{reason} (")
    assert hint in explained.reason
    assert explained.log == (log,)


def test_the_platform_of_the_engine_is_named_where_none_is_configured() -> None:
    failure = BuildFailure("exec format error")
    explained = add_hint(failure, ImageSpec("x", "Dockerfile", "."), "linux/amd64")
    assert "programs for linux/amd64" in explained.reason


def test_any_other_reason_is_left_as_it_is() -> None:
    failure = BuildFailure("process did not complete successfully: exit code: 1", ("make: error",))
    assert add_hint(failure, SPEC, "linux/amd64") == failure
