"""dnf's, yum's and zypper's caches."""

import pytest

from tests.support.rule_inputs import apply_rule, make_rule_input, run_rule

RULE = "rpm-caches-left-behind"


@pytest.mark.parametrize(
    "text",
    [
        "FROM fedora\nRUN dnf install -y x && dnf clean all",
        "FROM fedora\nRUN dnf -y install x && dnf -y clean all",
        "FROM fedora\nRUN yum install -y x && rm -rf /var/cache/yum",
        "FROM fedora\nRUN microdnf install x && microdnf clean all",
        "FROM fedora\nRUN --mount=type=cache,target=/var/cache/dnf dnf install -y x",
        "FROM fedora\nRUN zypper in x && zypper cc -a",
        "FROM fedora\nRUN zypper --non-interactive install x && zypper clean",
        "FROM fedora\nRUN dnf install -y --installroot /mnt x",
        "FROM fedora\nRUN dnf module list",
        "FROM fedora\nRUN dnf install -y x\nRUN dnf install -C -y y && dnf clean all",
        "FROM fedora\nRUN dnf install -y x && rm -rf /var/{cache,log}/*",
        "FROM fedora\nRUN dnf repolist",
        "FROM fedora\nRUN rpm -i x.rpm",
        "FROM fedora AS a\nRUN dnf install -y x\nFROM fedora\nCOPY --from=a /x /x",
    ],
)
def test_not_reported(text: str) -> None:
    assert run_rule(RULE, text) == []


@pytest.mark.parametrize(
    ("run", "added"),
    [
        ("dnf install -y x", "dnf clean all && rm -rf /var/cache/dnf"),
        ("yum -y install x", "yum clean all && rm -rf /var/cache/yum"),
        ("microdnf install x", "microdnf clean all && rm -rf /var/cache/dnf"),
        ("yum --enablerepo epel in x", "yum clean all && rm -rf /var/cache/yum"),
        ("dnf makecache", "dnf clean all && rm -rf /var/cache/dnf"),
        ("sudo dnf install x", "sudo dnf clean all && sudo rm -rf /var/cache/dnf"),
        ("zypper -n install x", "zypper clean --all"),
    ],
)
def test_cleaned_in_the_same_run(run: str, added: str) -> None:
    expected = f"FROM fedora\nRUN {run} \\\n    && {added}\n"
    assert apply_rule(RULE, f"FROM fedora\nRUN {run}\n") == expected


def test_saving_is_the_cache_in_the_layer() -> None:
    tree = "var/cache/dnf/x.solv 70MB @2, var/cache/libdnf5/y 3MB @2, usr/bin/x 1MB @2"
    looked_at = make_rule_input(
        "FROM fedora\nRUN dnf install x", "FROM fedora 80MB / RUN dnf 90MB", tree
    )
    assert [finding.saving_bytes for finding in run_rule(RULE, looked_at)] == [73_000_000]


def test_the_fix_is_in_the_branch_that_has_the_program() -> None:
    run = "if command -v dnf; then dnf install -y x; else apk add --no-cache x; fi"
    expected = run.replace("-y x;", "-y x && dnf clean all && rm -rf /var/cache/dnf;")
    assert apply_rule(RULE, f"FROM f\nRUN {run}\n") == f"FROM f\nRUN {expected}\n"
