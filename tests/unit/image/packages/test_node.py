"""Node's packages."""

import json

from tests.support.packages.layers import Files, layer, list_packages, owned
from tests.support.tar_world import hardlink


def manifest(name: str, version: str) -> str:
    return json.dumps({"name": name, "version": version})


def labels(files: Files) -> list[str]:
    return sorted(f"{package.name} {package.version}" for package in list_packages(files))


def test_the_nearest_package_directory_owns_a_file() -> None:
    express = manifest("express", "4.1.0")
    debug, nested = manifest("debug", "4.3.0"), manifest("debug", "2.6.9")
    index = layer(
        {
            "app/node_modules/express/package.json": express,
            "app/node_modules/express/lib/index.js": "x" * 10,
            "app/node_modules/express/node_modules/debug/package.json": nested,
            "app/node_modules/debug/package.json": debug,
            "app/node_modules/debug/dist/package.json": '{"type": "module"}',
            "app/node_modules/.bin/tool": "x",
            "app/index.js": "xx",
        }
    )
    assert owned(index) == [
        {
            "npm express 4.1.0": len(express) + 10,
            "npm debug 2.6.9": len(nested),
            "npm debug 4.3.0": len(debug) + 18,
            "directory /app/node_modules/.bin": 1,
            "directory /app": 2,
        }
    ]


def test_a_scope_is_part_of_the_name() -> None:
    files: Files = {"node_modules/@babel/core/package.json": manifest("@babel/core", "7.0.0")}
    assert labels(files) == ["@babel/core 7.0.0"]


def test_pnpm_has_a_folder_for_each_version() -> None:
    path = "app/node_modules/.pnpm/@babel+core@7.0.0_x@1/node_modules/@babel/core/package.json"
    assert labels({path: manifest("@babel/core", "7.0.0")}) == ["@babel/core 7.0.0"]


def test_files_of_pnpms_store_belong_to_the_linking_package() -> None:
    store = {
        "root/store/files/1a/2b": manifest("@babel/core", "7.0.0"),
        "root/store/files/1a/2c": "xx",
    }
    folder = "srv/node_modules/.pnpm/@babel+core@7.0.0_peer@1.0.0/node_modules/@babel/core"
    index = layer(
        {**store, "root/store/index": "x"},
        hardlink(f"{folder}/package.json", "root/store/files/1a/2b"),
        hardlink(f"{folder}/lib/index.js", "root/store/files/1a/2c"),
    )
    size = sum(map(len, store.values()))
    assert owned(index) == [{"npm @babel/core 7.0.0": size, "directory /root/store": 1}]


def test_an_alias_has_the_name_of_its_package() -> None:
    assert labels({"node_modules/old/package.json": manifest("lodash", "3.0.0")}) == [
        "lodash 3.0.0"
    ]


def test_npms_hidden_lock_file_lists_packages() -> None:
    lock = {
        "packages": {
            "node_modules/a": {"version": "1.0.0"},
            "node_modules/a/node_modules/@s/b": {"version": "2.0.0"},
            "node_modules/alias": {"name": "real", "version": "3.0.0"},
            "node_modules/mine": {"resolved": "packages/mine", "link": True},
            "packages/mine": {"version": "0.0.0"},
        }
    }
    files: Files = {"app/node_modules/.package-lock.json": json.dumps(lock)}
    assert labels(files) == ["@s/b 2.0.0", "a 1.0.0", "real 3.0.0"]


def test_the_manifest_overrides_the_lock_file() -> None:
    lock = {"packages": {"node_modules/a": {"version": "1.0.0"}}}
    files: Files = {
        "node_modules/.package-lock.json": json.dumps(lock),
        "node_modules/a/package.json": manifest("a", "1.0.1"),
    }
    assert labels(files) == ["a 1.0.1"]


def test_yarn_keeps_archives() -> None:
    cache = "app/.yarn/cache"
    files: Files = {
        f"{cache}/lodash-npm-4.17.21-6382451519-eb835a2e51.zip": "PK",
        f"{cache}/@types-node-npm-20.1.0-rc.1-0123456789-10c0.zip": "PKPK",
        f"{cache}/lodash.zip": "PK",
    }
    assert owned(layer(files)) == [
        {"npm lodash 4.17.21": 2, "npm @types/node 20.1.0-rc.1": 4, f"directory /{cache}": 2}
    ]


def test_a_manifest_that_is_installed_nowhere_is_no_package() -> None:
    text = manifest("x", "1.0.0")
    assert labels({"app/package.json": text, "my_node_modules/x/package.json": text}) == []
