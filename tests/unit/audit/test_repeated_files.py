"""Files that several images store apart."""

from bot.audit.repeated_files import RepeatedFileFinder
from bot.model.audit import RepeatedFiles
from bot.model.files import HashAlgorithm
from bot.model.image import Image
from bot.model.image_identity import ImageIdentity
from tests.support.image_world import image


def find(**images: Image) -> RepeatedFiles:
    finder = RepeatedFileFinder()
    for name, measured in images.items():
        finder.add(ImageIdentity(name, f"{name}/Dockerfile"), measured)
    return finder.find()


def rows(repeated: RepeatedFiles) -> list[tuple[str, int, int, list[str]]]:
    return [
        (group.path, group.files, group.bytes, [identity.name for identity in group.images])
        for group in repeated.largest
    ]


def own(name: str, tree: str) -> Image:
    return image(f"FROM a 10MB / COPY {name} /app 50MB", tree=tree)


def test_files_of_layers_of_their_own_are_stored_twice() -> None:
    repeated = find(
        api=own("api", "app/lib/a.so 8MB #a @2, app/lib/b.so 2MB #b @2, app/x 1MB @2"),
        web=own("web", "srv/a.so 8MB #a @2, srv/b.so 2MB #b @2, app/x 1MB #other @2"),
    )
    assert rows(repeated) == [("/app/lib", 2, 10_000_000, ["api", "web"])]
    assert (repeated.contents, repeated.bytes) == (2, 10_000_000)


def test_three_images_have_two_copies_too_many() -> None:
    repeated = find(**{name: own(name, "app/m 8MB #m @2") for name in ("a", "b", "c")})
    assert rows(repeated) == [("/app/m", 1, 16_000_000, ["a", "b", "c"])]


def test_a_shared_layer_is_stored_once() -> None:
    world = "FROM a 10MB / COPY base /base 20MB"
    repeated = find(
        a=image(f"{world} / COPY a 1MB", tree="base/m 8MB #m @2"),
        b=image(f"{world} / COPY b 1MB", tree="base/m 8MB #m @2"),
    )
    assert repeated == RepeatedFiles(0, 0)


def test_copies_within_one_image_are_its_own_duplicates() -> None:
    repeated = find(
        a=image("FROM a 10MB / COPY x 9MB / COPY y 9MB", tree="x 8MB #m @2, y 8MB #m @3"),
        b=own("b", "app/z 8MB #z @2"),
    )
    assert repeated == RepeatedFiles(0, 0)


def test_files_of_the_same_name_alone_and_small_files_are_no_copies() -> None:
    repeated = find(
        a=own("a", "app/m 8MB #a @2, app/s 3kB #s @2"),
        b=own("b", "app/m 8MB #b @2, app/s 3kB #s @2"),
    )
    assert repeated == RepeatedFiles(0, 0)


def test_hashes_of_different_kinds_are_not_compared() -> None:
    first = own("a", "app/m 8MB #m @2")
    world = "FROM a 10MB / COPY b /app 50MB"
    second = image(world, tree="app/m 8MB #m @2", hash_algorithm=HashAlgorithm.CRC64)
    assert find(a=first, b=second) == RepeatedFiles(0, 0)


def test_files_whose_layer_is_unknown_are_left_out() -> None:
    assert find(a=own("a", "app/m 8MB #m"), b=own("b", "app/m 8MB #m @2")) == RepeatedFiles(0, 0)
