"""Files in a folder that is named after the ID of a build."""

import pytest

from bot.verify.build_ids import is_renamed_by_build_id
from tests.support.image_pair_world import SHELL, make_image, make_image_pair

LOST = "app/.next/static/Tmh/_buildManifest.js"


@pytest.mark.parametrize(
    ("files", "is_renamed"),
    [
        ({"app/.next/BUILD_ID": "W2n", "app/.next/static/W2n/_buildManifest.js": "x"}, True),
        ({"app/.next/BUILD_ID": "W2n\n", "app/.next/static/W2n/_buildManifest.js": "x"}, True),
        ({"app/.next/BUILD_ID": "W2n", "app/.next/static/W2n/_ssgManifest.js": "x"}, False),
        ({"app/.next/BUILD_ID": "Tmh"}, False),
        ({"app/.next/static/W2n/_buildManifest.js": "x"}, False),
    ],
)
def test_files_of_the_new_build(files: dict[str, str], is_renamed: bool) -> None:
    old = make_image(SHELL, {"app/.next/BUILD_ID": "Tmh", LOST: "x"})
    assert (
        is_renamed_by_build_id(make_image_pair(old, make_image(SHELL, files)), LOST) is is_renamed
    )


def test_other_folders_of_static_files() -> None:
    old = make_image(SHELL, {"app/.next/BUILD_ID": "Tmh", "app/.next/static/media/a.png": "x"})
    new = make_image(SHELL, {"app/.next/BUILD_ID": "W2n", "app/.next/static/W2n/a.png": "x"})
    pair = make_image_pair(old, new)
    assert not is_renamed_by_build_id(pair, "app/.next/static/media/a.png")
    assert not is_renamed_by_build_id(pair, "app/static/a.png")
