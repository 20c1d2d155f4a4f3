"""The parts of the private engine without an engine: refusals, names, rules, recipes."""

import io
import json
import tarfile
from pathlib import Path

import pytest

from tests.support.engine.__main__ import split_at_dashes
from tests.support.engine.cache import create_once, find_cache_root, take_lock
from tests.support.engine.cleanup import decode_mount_path, filter_mounts, is_own_daemon
from tests.support.engine.engine_paths import EnginePaths, derive_paths, parse_paths
from tests.support.engine.errors import EngineUnavailable
from tests.support.engine.machine import (
    NEEDED_PROGRAMS,
    Facts,
    find_obstacle,
    list_missing_packages,
)
from tests.support.engine.network import choose_subnet, list_removals, make_rules
from tests.support.engine.packages import parse_mirror
from tests.support.engine.recipes import (
    Recipe,
    find_base,
    find_recipe,
    find_recipes,
    list_bases,
    read_recipes,
    sort_by_dependency,
)
from tests.support.engine.releases import RELEASES, find_release
from tests.support.engine.stand_in_archives import archive_path, list_missing

DEBIAN_ROOT = Facts(user_id=0, programs=frozenset({*NEEDED_PROGRAMS, "apt-get", "dpkg"}))
PATHS = EnginePaths(
    store="overlay2", home="/somewhere/tests-overlay2", programs="/somewhere/programs"
)


def test_a_debian_machine_with_root_is_not_refused() -> None:
    assert find_obstacle(DEBIAN_ROOT) is None


def test_a_user_without_root_is_refused_with_a_remedy() -> None:
    problem = find_obstacle(Facts(user_id=1000, programs=DEBIAN_ROOT.programs))
    assert problem
    assert "needs root" in problem.why
    assert "1000" in problem.why
    assert "as root" in problem.what_to_do
    assert "--use-existing" in problem.what_to_do


def test_a_machine_without_apt_is_refused_with_a_remedy() -> None:
    problem = find_obstacle(Facts(user_id=0, programs=frozenset({"runc", "dpkg"})))
    assert problem
    assert "apt-get or dpkg is missing" in problem.why
    assert "Debian" in problem.what_to_do


def test_a_refusal_has_problem_cause_and_remedy() -> None:
    text = str(EngineUnavailable("It failed.", "no reason.", "try again."))
    assert text.splitlines() == ["It failed.", "  Why: no reason.", "  What to do: try again."]


def test_only_the_packages_of_missing_programs_are_installed() -> None:
    assert list_missing_packages(DEBIAN_ROOT) == []
    without = DEBIAN_ROOT.programs - {"ip", "runc"}
    assert list_missing_packages(Facts(0, without)) == ["iproute2", "runc"]


def test_a_variable_chooses_the_release_of_the_engine() -> None:
    assert find_release({}) == find_release({"IMAGE_SIZE_ENGINE": ""}) == RELEASES["26"]
    assert find_release({"IMAGE_SIZE_ENGINE": "28"}).suite == "forky"
    with pytest.raises(EngineUnavailable, match="set it to one of 26, 28, 29"):
        find_release({"IMAGE_SIZE_ENGINE": "20"})


def test_two_releases_share_no_data() -> None:
    homes = {
        derive_paths(Path("/c"), Path("/p"), "overlay2", "tests", release).home
        for release in RELEASES.values()
    }
    assert len(homes) == len(RELEASES)


def test_the_mirror_is_that_of_debian_main() -> None:
    listed = (
        "Packages|main|Another|stable|http://another.example/apt/\n"
        "DEP-11|main|Debian|bookworm|http://wrong.example/debian/\n"
        "Packages|main|Debian|bookworm-security|http://wrong.example/debian-security/\n"
        "Packages|main|Debian|bookworm|http://mirror.example/debian/\n"
    )
    assert parse_mirror(listed) == "http://mirror.example/debian/"


def test_a_missing_mirror_is_an_error_with_a_remedy() -> None:
    with pytest.raises(EngineUnavailable, match=r"sources\.list\.d"):
        parse_mirror("Packages|universe|Ubuntu|noble|http://mirror.example/ubuntu/\n")


def test_the_bridge_avoids_networks_that_are_in_use() -> None:
    assert str(choose_subnet("default via 192.0.2.1 dev eth0\n")) == "10.213.113.0/24"
    taken = "default via 192.0.2.1 dev eth0\n10.213.0.0/16 dev vpn0\nlocal 10.214.113.7 dev lo\n"
    assert str(choose_subnet(taken)) == "10.215.113.0/24"


def test_a_machine_without_a_free_network_is_refused() -> None:
    with pytest.raises(EngineUnavailable, match="No free address range"):
        choose_subnet("10.0.0.0/8 dev vpn0\n")


def test_only_our_own_rules_are_removed() -> None:
    listed = (
        "-P POSTROUTING ACCEPT\n"
        "-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE\n"
        "-A POSTROUTING -s 10.213.113.0/24 ! -o isr-1 -m comment --comment isr-1 -j MASQUERADE\n"
        "-A POSTROUTING -s 10.214.113.0/24 ! -o isr-12 -m comment --comment isr-12 -j RETURN\n"
    )
    [rule] = list_removals("nat", listed, "isr-1")
    assert rule[:4] == ["-t", "nat", "-D", "POSTROUTING"]
    assert "10.213.113.0/24" in rule


def test_every_rule_has_the_comment_by_which_it_is_removed() -> None:
    assert all("isr-1" in rule for rule in make_rules("isr-1", "10.213.113.0/24"))


@pytest.mark.parametrize(
    ("words", "ours"),
    [
        (["dockerd", "--config-file", f"{PATHS.run_dir}/daemon.json"], True),
        (["/usr/sbin/dockerd", "--config-file", f"{PATHS.run_dir}/daemon.json"], True),
        (["dockerd", "-H", "fd://"], False),
        (["dockerd", "--config-file", f"{PATHS.run_dir}0/daemon.json"], False),
        (["vim", f"{PATHS.run_dir}/daemon.json"], False),
    ],
)
def test_only_our_own_daemons_are_stopped(words: list[str], ours: bool) -> None:
    assert is_own_daemon(words, "dockerd", PATHS) is ours


def test_mounts_are_unmounted_deepest_first_without_neighbours() -> None:
    mounted = ["/", "/run/a", "/run/a/x", "/run/a/x/y", "/run/ab/x"]
    assert filter_mounts(["/run/a"], mounted) == ["/run/a/x/y", "/run/a/x"]


def test_spaces_escaped_by_the_kernel_are_decoded() -> None:
    assert decode_mount_path("/a\\040folder") == "/a folder"


def test_socket_paths_and_bridge_names_respect_kernel_limits() -> None:
    deep = EnginePaths(store="containerd", home="/deep" * 60, programs="")
    assert len(f"{deep.containerd_socket}.ttrpc") < 108
    assert len(deep.bridge) <= 15


def test_paths_survive_serialisation_to_the_supervisor() -> None:
    assert parse_paths(PATHS.to_json()) == PATHS


def test_the_cache_is_always_a_folder_of_our_own() -> None:
    assert find_cache_root({"IMAGE_SIZE_CACHE": "/x"}) == Path("/x/engine")
    assert find_cache_root({"XDG_CACHE_HOME": "/c"}) == Path("/c/image-size-review/engine")
    assert find_cache_root({"HOME": "/h"}) == Path("/h/.cache/image-size-review/engine")


def test_an_unfinished_file_is_created_again(tmp_path: Path) -> None:
    def fail(target: Path) -> None:
        target.write_text("half")
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        create_once(tmp_path / "thing", "a thing", fail)
    assert not (tmp_path / "thing").exists()
    create_once(tmp_path / "thing", "a thing", Path.touch)
    assert (tmp_path / "thing").read_text() == ""


def test_a_lock_held_by_the_same_process_is_an_error(tmp_path: Path) -> None:
    lock = take_lock(tmp_path / "lock", "a thing")
    assert lock
    with pytest.raises(EngineUnavailable, match="asked twice"):
        take_lock(tmp_path / "lock", "a thing")


def test_dashes_of_the_command_are_passed_through() -> None:
    assert split_at_dashes(["run", "--", "a", "--", "b"]) == (["run"], ["a", "--", "b"])
    assert split_at_dashes(["images"]) == (["images"], [])


@pytest.mark.parametrize("recipe", read_recipes(), ids=lambda recipe: recipe.name)
def test_every_recipe_names_its_tags(recipe: Recipe) -> None:
    text = (recipe.folder / "Dockerfile").read_text()
    assert text.startswith(f"# Stand-in for {recipe.tags[0].partition(':')[0]}:")


def test_no_two_stand_ins_have_the_same_tag() -> None:
    tags = [tag for recipe in read_recipes() for tag in recipe.tags]
    assert sorted(tags) == sorted(set(tags))


def test_base_images_are_built_first() -> None:
    ordered = sort_by_dependency(find_recipes(["all"]))
    assert len(ordered) == len(read_recipes())
    for position, recipe in enumerate(ordered):
        assert set(list_bases(recipe)) <= set(ordered[:position])


def test_an_archive_on_an_older_base_is_made_again(tmp_path: Path) -> None:
    """A base that is built anew has other layers than the one that an image was built on."""
    recipe = find_recipe("python:3.12-slim")
    base = find_base(recipe)
    assert base
    assert find_base(base) is None
    write_archive(archive_path(base, tmp_path), ["sha256:base"])
    write_archive(archive_path(recipe, tmp_path), ["sha256:base", "sha256:own"])
    assert list_missing([recipe], tmp_path) == []
    write_archive(archive_path(base, tmp_path), ["sha256:newer"])
    assert list_missing([recipe], tmp_path) == [recipe]


def write_archive(path: Path, layers: list[str]) -> None:
    """Write an image archive of a configuration alone, with these diff IDs."""
    path.parent.mkdir(exist_ok=True)
    files = {"manifest.json": [{"Config": "config"}], "config": {"rootfs": {"diff_ids": layers}}}
    with tarfile.open(path, "w") as tar:
        for name, content in files.items():
            data = json.dumps(content).encode()
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))


def test_a_name_without_a_tag_means_latest() -> None:
    assert find_recipe("nginx") is find_recipe("nginx:latest")


def test_an_image_without_a_stand_in_is_an_error_with_a_remedy() -> None:
    with pytest.raises(EngineUnavailable, match=r"tests\.support\.engine images"):
        find_recipe("oracle:23")
