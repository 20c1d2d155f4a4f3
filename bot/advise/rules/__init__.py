"""The rules: one file with one function `find` each, beside its page."""

from collections.abc import Callable, Iterable
from types import ModuleType

from bot.advise.finding import Finding
from bot.advise.rules import (  # noqa: F401 - collected below
    apk_cache_left_behind,
    apt_lists_left_behind,
    archive_added_by_url,
    archive_kept_after_unpacking,
    build_caches_left_behind,
    builder_in_another_dockerfile,
    changed_in_a_later_layer,
    compilers_in_the_shipped_stage,
    composer_cache_left_behind,
    conda_packages_left_behind,
    context_without_an_ignore_file,
    dev_dependencies_in_the_shipped_stage,
    full_base_where_slim_serves,
    gem_caches_left_behind,
    git_history_kept,
    installed_after_the_sources,
    login_logs_of_large_user_ids,
    needless_files_copied,
    node_caches_left_behind,
    pip_byte_code_left_behind,
    pip_cache_left_behind,
    recommended_packages_installed,
    removed_in_a_later_layer,
    rpm_caches_left_behind,
    runs_worth_merging,
    single_stage_build,
    stages_by_number,
    whole_stage_copied,
)
from bot.advise.subject import RuleInput

Rule = Callable[[RuleInput], Iterable[Finding]]

# Every module imported above is a rule. Its name is its file's, in kebab case.
RULES: dict[str, Rule] = {
    name.replace("_", "-"): module.find
    for name, module in sorted(globals().items())
    if isinstance(module, ModuleType)
}
