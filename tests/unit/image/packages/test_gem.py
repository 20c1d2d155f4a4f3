"""Ruby's gems, by the paths of a real installation."""

import pytest

from tests.support.packages.layers import data, layer, list_packages, owned

HOME = "var/lib/gems/3.1.0/"
PATHS = data("gem-paths.txt").decode().split()


def test_a_gem_owns_the_files_of_its_installation() -> None:
    index = layer({HOME + path: "x" for path in PATHS})
    assert owned(index) == [{"gem sample-thing 1.2.3.pre1": 15, "gem plain 2.0": 5}]


def test_neighbouring_files_belong_to_no_gem() -> None:
    files = [HOME + path for path in PATHS]
    index = layer(dict.fromkeys([*files, HOME + "gems/other/x.rb"], "x"))
    assert owned(index)[0][f"directory /{HOME}gems/other"] == 1


@pytest.mark.parametrize(
    ("gemspec", "name", "version"),
    [
        ("nokogiri-1.16.0-x86_64-linux-musl", "nokogiri", "1.16.0"),
        ("concurrent-ruby-1.2.2", "concurrent-ruby", "1.2.2"),
        ("json-2.9-java", "json", "2.9"),
        ("rails-8.0.0.beta1", "rails", "8.0.0.beta1"),
    ],
)
def test_a_platform_is_no_part_of_the_version(gemspec: str, name: str, version: str) -> None:
    (package,) = list_packages({f"specifications/default/{gemspec}.gemspec": "x"})
    assert (package.name, package.version) == (name, version)


def test_a_specification_elsewhere_is_ignored() -> None:
    files = ("gems/a-1.0/a.gemspec", "myspecifications/x/a-1.0.gemspec", "a-1.0.gemspec")
    assert list_packages(dict.fromkeys(files, "x")) == []
