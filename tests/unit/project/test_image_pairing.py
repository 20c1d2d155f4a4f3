"""The pairs of images. Those that must stay apart are named before those that belong together."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.model.image_identity import ImageIdentity
from bot.model.report import ImageState
from bot.model.spec import ImageSpec
from bot.project.image_pairing import PairingHints, name_removed_images, pair_images
from bot.project.image_plan import DeclaredImages, Fingerprint, PlannedImage
from bot.project.renames import Rename

OWN = "linux/amd64"


def declared(**fingerprints: str) -> DeclaredImages:
    specs = tuple(ImageSpec(name, f"{name}/Dockerfile", name) for name in fingerprints)
    return DeclaredImages(
        specs,
        {(name, None): Fingerprint((), value) for name, value in fingerprints.items() if value},
    )


def test_images_are_paired_by_name() -> None:
    planned = pair_images(declared(a="1", b="1", c="1"), declared(b="1", c="2", d="1"))
    assert {x.spec.name: x.state for x in planned} == {
        "b": ImageState.UNCHANGED,
        "c": ImageState.CHANGED,
        "d": ImageState.NEW,
        "a": ImageState.REMOVED,
    }


def test_without_a_base_there_is_no_baseline() -> None:
    assert [x.state for x in pair_images(None, declared(a="1"))] == [ImageState.NO_BASELINE]


def test_an_image_whose_dockerfile_the_base_lacks_is_new() -> None:
    assert [x.state for x in pair_images(declared(a=""), declared(a="1"))] == [ImageState.NEW]


def test_an_image_whose_dockerfile_the_head_lacks_is_built_and_reported_as_failed() -> None:
    assert [x.state for x in pair_images(declared(a="1"), declared(a=""))] == [ImageState.CHANGED]


def declare(*specs: ImageSpec, **contents: str) -> DeclaredImages:
    """Declare images; `contents` are those of their Dockerfiles, in the order of the images."""
    tree = {spec.dockerfile: spec.dockerfile for spec in specs} | dict(
        zip((spec.dockerfile for spec in specs), contents.values(), strict=False)
    )
    return DeclaredImages(
        specs, {spec.key: Fingerprint((), f"{spec.key} {tree}") for spec in specs}, tree
    )


def named(path: str, **fields: str | None) -> ImageSpec:
    """Declare an image as discovery does."""
    folder = path.rpartition("/")[0] or "."
    return replace(ImageSpec(path, path, folder), **fields)  # type: ignore[arg-type]


def pair(base: DeclaredImages, head: DeclaredImages, *renames: Rename) -> Mapping[str, str | None]:
    """Return the names of base's images by those of head's; removed ones are left out."""
    planned = pair_images(base, head, PairingHints(renames, OWN))
    return {
        image.head.name: image.base.name if image.base else None for image in planned if image.head
    }


def test_two_other_images_stay_apart() -> None:
    assert pair(declare(named("a/Dockerfile")), declare(named("b/Dockerfile"))) == {
        "b/Dockerfile": None
    }


def test_two_stages_of_a_dockerfile_are_two_images() -> None:
    base, head = named("Dockerfile", name="dev", target="dev"), named("Dockerfile", target="prod")
    assert pair(declare(base), declare(head)) == {"Dockerfile": None}


def test_two_foreign_platforms_under_another_name_stay_apart() -> None:
    base = named("Dockerfile", name="app", platform="linux/s390x")
    head = named("Dockerfile", name="web", platform="linux/arm64")
    assert pair(declare(base), declare(head)) == {"web": None}


def test_a_name_that_both_sides_have_is_never_given_away() -> None:
    """A Dockerfile that replaces another one is compared with that one, whatever git sees."""
    base = declare(named("Dockerfile"))
    head = declare(named("Dockerfile"), named("old/Dockerfile"))
    rename = Rename(100, "Dockerfile", "old/Dockerfile")
    assert pair(base, head, rename) == {"Dockerfile": "Dockerfile", "old/Dockerfile": None}


def test_a_renamed_dockerfile_is_paired() -> None:
    base, head = declare(named("Dockerfile")), declare(named("Dockerfile.prod"))
    assert pair(base, head, Rename(60, "Dockerfile", "Dockerfile.prod")) == {
        "Dockerfile.prod": "Dockerfile"
    }


def test_a_name_of_the_configuration_may_change_with_the_dockerfile() -> None:
    base = declare(named("a/Dockerfile", name="api"))
    head = declare(named("b/Containerfile", name="api2"))
    assert pair(base, head, Rename(80, "a/Dockerfile", "b/Containerfile")) == {"api2": "api"}


def test_another_name_for_the_same_dockerfile_and_stage_is_paired() -> None:
    stages = [named("Dockerfile", name=name, target=name) for name in ("dev", "prod")]
    renamed = [replace(spec, name=f"app-{spec.name}") for spec in stages]
    assert pair(declare(*stages), declare(*renamed)) == {"app-dev": "dev", "app-prod": "prod"}


def test_the_same_content_under_another_path_is_paired() -> None:
    base, head = named("a/Dockerfile"), named("b/Dockerfile")
    assert pair(declare(base, x="blob"), declare(head, x="blob")) == {
        "b/Dockerfile": "a/Dockerfile"
    }


def test_of_two_candidates_the_more_similar_is_taken_and_each_once() -> None:
    base = declare(named("a/Dockerfile"), named("b/Dockerfile"))
    head = declare(named("c/Dockerfile"), named("d/Dockerfile"), named("e/Dockerfile"))
    renames = (
        Rename(60, "a/Dockerfile", "c/Dockerfile"),
        Rename(90, "a/Dockerfile", "d/Dockerfile"),
        Rename(70, "b/Dockerfile", "d/Dockerfile"),
    )
    assert pair(base, head, *renames) == {
        "c/Dockerfile": None,
        "d/Dockerfile": "a/Dockerfile",
        "e/Dockerfile": None,
    }


def test_equal_dockerfiles_are_paired_by_their_folders() -> None:
    """Ten services with one text move to another folder: git may name any of them as the source."""
    names = ("api", "web", "job")
    base = declare(*(named(f"services/{x}/Dockerfile") for x in names), a="t", b="t", c="t")
    head = declare(*(named(f"apps/{x}/Dockerfile") for x in reversed(names)), a="u", b="u", c="u")
    wrong = Rename(80, "services/api/Dockerfile", "apps/web/Dockerfile")
    assert pair(base, head, wrong) == {
        f"apps/{name}/Dockerfile": f"services/{name}/Dockerfile" for name in names
    }


def test_equal_inputs_outrank_a_nearer_folder() -> None:
    old, near, far = named("s/a/Dockerfile"), named("s/b/a/Dockerfile"), named("t/Dockerfile")
    base = DeclaredImages((old,), {old.key: Fingerprint((), "1")}, {old.dockerfile: "t"})
    tree = {near.dockerfile: "t", far.dockerfile: "t"}
    head = DeclaredImages(
        (near, far), {near.key: Fingerprint((), "2"), far.key: Fingerprint((), "1")}, tree
    )
    planned = pair_images(base, head)
    assert [image.state for image in planned] == [ImageState.NEW, ImageState.UNCHANGED]


def test_the_machines_own_platform_is_that_of_an_image_without_one() -> None:
    base = declare(named("Dockerfile", name="app"))
    head = declare(
        *(named("Dockerfile", name="app", platform=x) for x in ("linux/arm64", OWN)),
    )
    for old, new in ((base, head), (head, base)):
        planned = pair_images(old, new, PairingHints((), OWN))
        pairs = [image for image in planned if image.base and image.head]
        assert [
            {image.renamed_from and image.renamed_from.platform, image.spec.platform}
            for image in pairs
        ] == [{None, OWN}]


def test_both_sides_of_a_pair_are_built_for_the_platform_of_head() -> None:
    base = declare(named("Dockerfile", name="app"))
    head = declare(named("Dockerfile", name="app", platform="linux/arm64"))
    (image,) = pair_images(base, head, PairingHints((), OWN))
    assert image.base
    assert (image.state, image.base.platform) == (ImageState.CHANGED, "linux/arm64")
    assert image.renamed_from == ImageIdentity("app", "Dockerfile", None)


def test_a_pair_says_what_base_calls_it() -> None:
    base, head = declare(named("Dockerfile")), declare(named("web/Dockerfile"))
    (image,) = pair_images(base, head, PairingHints((Rename(90, "Dockerfile", "web/Dockerfile"),)))
    assert image.renamed_from == ImageIdentity("Dockerfile", "Dockerfile")
    (same,) = pair_images(base, base)
    assert same.renamed_from is None


@pytest.mark.parametrize(
    ("state", "names"), [(ImageState.NEW, ("gone",)), (ImageState.CHANGED, ())]
)
def test_a_new_image_has_the_names_of_the_removed_ones(
    state: ImageState, names: tuple[str, ...]
) -> None:
    spec = named("gone")
    removed = PlannedImage(spec, None, ImageState.REMOVED)
    dropped = PlannedImage(spec, spec, ImageState.UNCHANGED, is_dropped=True)
    images = name_removed_images([PlannedImage(None, named("x"), state), removed, dropped])
    assert images[0].removed_beside == names


def test_a_renamed_stage_is_the_same_image_of_its_own_dockerfile() -> None:
    base = declare(named("Dockerfile", name="Dockerfile:dev", target="dev"))
    head = declare(named("Dockerfile", name="Dockerfile:debug", target="debug"))

    def find_base(*stages: tuple[str, str, str]) -> ImageSpec | None:
        return pair_images(base, head, PairingHints(renamed_stages=stages))[0].base

    assert find_base() is None
    assert find_base(("api/Dockerfile", "dev", "debug")) is None
    assert find_base(("Dockerfile", "dev", "debug")) == base.specs[0]


def test_thousands_of_moved_images_are_paired_by_their_contents() -> None:
    """Each has another name, path and folder: nothing but the content tells them apart."""
    numbers = range(2500)
    base = declare(
        *(named(f"a/{number}/Dockerfile") for number in numbers),
        **{f"c{number}": f"c{number}" for number in numbers},
    )
    head = declare(
        *(named(f"b/{number}/Dockerfile") for number in numbers),
        **{f"c{number}": f"c{number}" for number in numbers},
    )
    renames = tuple(
        Rename(old=f"a/{number}/Dockerfile", new=f"b/{number}/Dockerfile", similarity=100)
        for number in numbers
    )
    planned = pair_images(base, head, PairingHints(renames, OWN))
    pairs = [(x.base.dockerfile, x.head.dockerfile) for x in planned if x.base and x.head]
    assert sorted(pairs) == sorted((rename.old, rename.new) for rename in renames)
