"""conda's packages."""

import pytest

from tests.support.rule_inputs import apply_rule, make_rule_input, run_rule

RULE = "conda-packages-left-behind"


@pytest.mark.parametrize(
    "text",
    [
        "FROM conda\nRUN conda install x && conda clean -afy",
        "FROM conda\nRUN mamba install x && mamba clean --all",
        "FROM conda\nRUN conda install x && rm -rf /opt/conda/pkgs",
        "FROM conda\nRUN --mount=type=cache,target=/opt/conda/pkgs conda install x",
        "FROM conda\nRUN micromamba install -p /opt/conda x && mamba clean --all -f -y",
        "FROM conda\nRUN conda install x && mamba clean -tipy",
        'FROM conda\nRUN conda install x && rm -r "$CONDA_DIR/pkgs"',
        "FROM conda\nRUN conda install x && rm -rf ${CONDA_DIR}/pkgs/*",
        "FROM conda\nENV CONDA_PKGS_DIRS=/c\nRUN --mount=type=cache,target=/c conda install x",
        "FROM conda\nRUN conda env list",
        "FROM conda\nRUN conda env export",
        "FROM conda\nRUN conda create --dry-run x",
        "FROM conda\nRUN conda list",
        "FROM conda\nRUN conda config --add channels x",
        "FROM conda AS a\nRUN conda install x\nFROM debian\nCOPY --from=a /env /env",
    ],
)
def test_not_reported(text: str) -> None:
    assert run_rule(RULE, text) == []


@pytest.mark.parametrize("name", ["conda", "mamba", "micromamba"])
def test_cleaned_in_the_same_run(name: str) -> None:
    assert apply_rule(RULE, f"FROM c\nRUN {name} env create -f e.yml\n") == (
        f"FROM c\nRUN {name} env create -f e.yml \\\n    && {name} clean -ay\n"
    )


def test_hard_linked_packages_do_not_count() -> None:
    tree = "opt/conda/pkgs/a.conda 4MB @2, opt/conda/lib/a 9MB @2"
    looked_at = make_rule_input("FROM c\nRUN conda install x\n", "FROM c 90MB / RUN c 20MB", tree)
    assert [finding.saving_bytes for finding in run_rule(RULE, looked_at)] == [4_000_000]


@pytest.mark.parametrize("clean", ["conda clean --index-cache -y", "conda clean -i", "mamba clean"])
def test_an_index_is_no_package(clean: str) -> None:
    assert run_rule(RULE, f"FROM c\nRUN conda install x && {clean}\n")


def test_a_cleanup_in_front_of_the_installation_is_none() -> None:
    assert run_rule(RULE, "FROM c\nRUN conda clean -ay && conda install x\n")


def test_one_command_cleans_for_both() -> None:
    assert apply_rule(RULE, "FROM c\nRUN conda install x && mamba install y\n") == (
        "FROM c\nRUN conda install x && mamba install y \\\n    && conda clean -ay\n"
    )


@pytest.mark.parametrize("program", ["/opt/conda/bin/conda", "$CONDA_DIR/bin/conda"])
def test_the_program_keeps_its_folder(program: str) -> None:
    assert apply_rule(RULE, f"FROM c\nRUN {program} install x\n") == (
        f"FROM c\nRUN {program} install x \\\n    && {program} clean -ay\n"
    )


def test_another_folder_of_a_home_is_not_needed() -> None:
    text = "FROM a\nRUN conda install x\nWORKDIR /home/a\nRUN curl -O u/x.tgz && tar -xf x.tgz\n"
    (finding,) = run_rule(RULE, text)
    assert finding.changes


@pytest.mark.parametrize(("option", "is_fixed"), [("-s", True), ("-sfn", True), ("-f", False)])
def test_a_symbolic_link_needs_no_file(option: str, is_fixed: bool) -> None:
    text = f"FROM a\nRUN conda install x\nRUN ln {option} $HOME/mini/pkgs/x /notebooks\n"
    (finding,) = run_rule(RULE, text)
    assert bool(finding.changes) is is_fixed
