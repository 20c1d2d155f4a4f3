"""The options of all builds of a command: its flags, its secrets and its caches."""

from bot.adapters.docker.build_caches import CacheRules
from bot.adapters.docker.buildx import BuildOptions
from bot.adapters.git.repository import GitRepository
from bot.adapters.secret_reader import SecretReader
from bot.cli.options.commands import AuditOptions, ReviewOptions
from bot.line.review_request import ReviewRequest
from bot.wiring import place_caches


def make_build_options(
    options: ReviewOptions | AuditOptions,
    git: GitRepository,
    request: ReviewRequest,
    secrets: SecretReader,
) -> BuildOptions:
    """Return the options of all builds: they write the caches of the command line alone."""
    rules = CacheRules(chosen=options.build.needs.cache_to)
    caches = place_caches(rules, git, secrets, request.head.commit.sha)
    return BuildOptions(
        secrets=secrets,
        caches=caches,
        jobs=options.build.jobs,
        builder=options.build.builder,
        config_builder=request.trusted_config.builder,
    )
