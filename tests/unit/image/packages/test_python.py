"""Python's packages."""

import pytest

from tests.support.packages.layers import layer, list_packages, owned

SITE = "usr/local/lib/python3.12/site-packages"
RECORD = """\
../../../bin/flask,sha256=x,228
flask/__init__.py,sha256=x,10
"flask/a,b.py",sha256=x,10
Flask-3.0.0.dist-info/METADATA,sha256=x,10
Flask-3.0.0.dist-info/RECORD,,
"""


def test_a_wheel_owns_what_its_record_lists_and_all_of_its_dist_info() -> None:
    index = layer(
        {
            f"{SITE}/Flask-3.0.0.dist-info/RECORD": RECORD,
            f"{SITE}/Flask-3.0.0.dist-info/REQUESTED": "x",
            f"{SITE}/flask/a,b.py": "x" * 10,
            f"{SITE}/flask/__init__.py": "x" * 10,
            "usr/local/bin/flask": "x" * 228,
            f"{SITE}/flask/local.cfg": "x" * 3,
        }
    )
    assert owned(index) == [{"pypi flask 3.0.0": 249 + len(RECORD), f"directory /{SITE}/flask": 3}]


def test_bytecode_of_a_later_layer_belongs_to_its_source() -> None:
    below = layer({f"{SITE}/Flask-3.0.0.dist-info/RECORD": RECORD})
    above = layer(
        {
            f"{SITE}/flask/__pycache__/__init__.cpython-312.pyc": "x" * 40,
            f"{SITE}/flask/__pycache__/__init__.cpython-312.opt-1.pyc": "x" * 30,
            f"{SITE}/flask/__pycache__/stranger.cpython-312.pyc": "x" * 2,
        }
    )
    assert owned(below, above)[1] == {
        "pypi flask 3.0.0": 70,
        f"directory /{SITE}/flask/__pycache__": 2,
    }


@pytest.mark.parametrize("name", ["zope.interface", "Zope_Interface", "zope-interface"])
def test_names_are_normalised(name: str) -> None:
    (package,) = list_packages({f"s/{name}-5.4.dist-info/RECORD": "a.py,,\n"})
    assert (package.name, package.version) == ("zope-interface", "5.4")


def test_an_egg_info_names_its_modules() -> None:
    index = layer(
        {
            "s/old-1.0-py3.11.egg-info/PKG-INFO": "Metadata-Version: 1.1\nName: Old\nVersion: 1.0.1\n",
            "s/old-1.0-py3.11.egg-info/top_level.txt": "old\nolder\n",
            "s/old/a.py": "xx",
            "s/older.py": "xxx",
            "s/oldest.py": "x",
        }
    )
    assert list(owned(index)[0]) == ["pypi old 1.0.1", "directory /s"]
    assert owned(index)[0]["directory /s"] == 1


def test_an_egg_info_may_list_its_files() -> None:
    folder = "s/old-1.0-py3.11.egg-info"
    index = layer(
        {
            f"{folder}/PKG-INFO": "Metadata-Version: 1.0\n",
            f"{folder}/installed-files.txt": "../old/a.py\nPKG-INFO\n",
            f"{folder}/top_level.txt": "old\n",
            "s/old/a.py": "xx",
            "s/old/b.py": "x",
        }
    )
    assert owned(index)[0]["directory /s/old"] == 1
    assert "pypi old 1.0" in owned(index)[0]


def test_an_egg_info_may_be_a_file() -> None:
    (package,) = list_packages({"s/plain-2.0.egg-info": "Name: plain\nVersion: 2.0\n"})
    assert (package.name, package.version) == ("plain", "2.0")


def test_a_record_elsewhere_is_ignored() -> None:
    assert list_packages({"srv/RECORD": RECORD, "srv/top_level.txt": "x"}) == []
