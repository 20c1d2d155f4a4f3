"""`measure` and `diff` of images in a registry, as a user starts them."""

import json
from pathlib import Path

from tests.support.command import FinishedRun, start
from tests.support.registry.stand_in import PASSWORD, REF_NAME, USER, RegistryStandIn, Status
from tests.support.tar_world import Part, file, image, index, layer_tar, layout

BASE, OLD, NEW = (layer_tar(file(name, size)) for name, size in (("a", 900), ("b", 50), ("b", 80)))
ARM = "linux/arm64/v8"


def make_two_platforms(*layers: bytes, tag: str) -> Part:
    """Return an image for two platforms; the second has the layers in reverse order."""
    two = index(image(*layers), image(*reversed(layers), platform=ARM))
    return two.with_annotations(**{REF_NAME: tag})


def run(*arguments: str, at: Path) -> FinishedRun:
    nowhere = {"DOCKER_HOST": f"unix://{at}/none", "DOCKER_CONFIG": str(at)}
    return start(*arguments, "--format", "json", environment=nowhere)


def test_measure_and_diff_of_one_platform(tmp_path: Path) -> None:
    members = layout(make_two_platforms(BASE, OLD, tag="1"), make_two_platforms(BASE, NEW, tag="2"))
    with RegistryStandIn(members) as registry:
        names = [f"docker://{registry.host}/app:{tag}" for tag in "12"]
        compared = run("diff", *names, "--platform", "linux/arm64", at=tmp_path)
        request_count = len(registry.requests_for("/blobs/"))
    assert compared.status == 0, compared.stderr
    (image_report,) = compared.report["images"]
    assert (image_report["base"]["platform"], image_report["head"]["platform"]) == (ARM, ARM)
    assert image_report["delta"]["unpacked_bytes"] == 30
    assert image_report["head"]["compressed_exact"]
    assert request_count == 5  # two configs, and three layers for both images


def test_the_head_has_the_platform_of_the_base(tmp_path: Path) -> None:
    alone = image(BASE, platform=ARM).with_annotations(**{REF_NAME: "1"})
    with RegistryStandIn(layout(alone, make_two_platforms(BASE, NEW, tag="2"))) as registry:
        names = [f"docker://{registry.host}/app:{tag}" for tag in "12"]
        (image_report,) = run("diff", *names, at=tmp_path).report["images"]
    assert (image_report["base"]["platform"], image_report["head"]["platform"]) == (ARM, ARM)


def test_a_missing_platform_is_an_error(tmp_path: Path) -> None:
    with RegistryStandIn(layout(make_two_platforms(BASE, tag="latest"))) as registry:
        name = f"docker://{registry.host}/app"
        ended = run("measure", name, "--platform", "linux/s390x", at=tmp_path)
    (image_report,) = ended.report["images"]
    assert (ended.status, image_report["state"]) == (2, "measure-failed")
    assert "no image for linux/s390x; it has: linux/amd64, linux/arm64/v8" in image_report["reason"]


def test_logins_are_handed_in_as_a_file(tmp_path: Path) -> None:
    login = {"username": USER, "password": PASSWORD}
    with RegistryStandIn(layout(make_two_platforms(BASE, tag="1")), auth="basic") as registry:
        name = f"docker://{registry.host}/app:1"
        logins = tmp_path / "logins.json"
        logins.write_text(json.dumps([{"registry": registry.host, **login}]))
        for command in (["measure", name], ["diff", name, name], ["measure", name, "--max-size=1"]):
            assert run(*command, at=tmp_path).status == 2
            ended = run(*command, "--registry-auth", str(logins), at=tmp_path)
            assert ended.status == (1 if "--max-size=1" in command else 0), ended.stderr
            assert PASSWORD not in ended.stdout + ended.stderr


def test_a_refusal_is_not_an_internal_error(tmp_path: Path) -> None:
    with RegistryStandIn(layout(make_two_platforms(BASE, tag="latest"))) as registry:
        limit = {"Retry-After": "900", "RateLimit-Limit": "100;w=21600"}
        registry.inject_faults("manifests/latest", Status(429, limit))
        ended = run("measure", f"docker://{registry.host}/app", at=tmp_path)
    assert ended.status == 2
    assert "Why: its limit is 100 requests in 6 hours" in ended.stderr
    assert "What to do: try again in 900 s" in ended.stderr
