"""Images that base's rules review and head's do not."""

from bot.model.report import ImageState
from bot.model.spec import ImageSpec
from bot.project.dropped_images import find_dropped_spec
from bot.project.image_plan import PlannedImage

TREE = {"Dockerfile": "100644 a", "api/Dockerfile": "100644 b", "README.md": "100644 c"}
ROOT = ImageSpec("Dockerfile", "Dockerfile", ".")
API = ImageSpec("api", "api/Dockerfile", "api")


def planned(base: ImageSpec | None, head: ImageSpec | None) -> PlannedImage:
    return PlannedImage(base, head, ImageState.CHANGED)


def test_an_image_that_head_declares_is_not_dropped() -> None:
    assert find_dropped_spec(planned(API, API), {"api/Dockerfile"}, TREE) is None
    assert find_dropped_spec(planned(None, API), {"api/Dockerfile"}, TREE) is None


def test_an_image_that_is_gone_with_its_dockerfile_is_not_dropped() -> None:
    dropped = ImageSpec("old", "old/Dockerfile", "old")
    assert find_dropped_spec(planned(dropped, None), set(), TREE) is None


def test_an_image_that_head_does_not_declare_is_reviewed_as_base_does() -> None:
    assert find_dropped_spec(planned(API, None), set(), TREE) == API


def test_another_target_of_a_dockerfile_is_another_image() -> None:
    """Head still builds the Dockerfile, but for another image."""
    assert find_dropped_spec(planned(API, None), {"api/Dockerfile"}, TREE) == API


def test_a_dockerfile_that_an_image_leaves_stays_under_review() -> None:
    moved = ImageSpec("api", "Dockerfile", ".")
    dropped = find_dropped_spec(planned(API, moved), {"Dockerfile"}, TREE)
    assert dropped == ImageSpec("api (api/Dockerfile)", "api/Dockerfile", "api")
    both = {"Dockerfile", "api/Dockerfile"}
    assert find_dropped_spec(planned(API, moved), both, TREE) is None
