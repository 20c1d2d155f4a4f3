"""`merge`: one report out of those that several jobs made of the same two revisions."""

from pathlib import Path

from bot.action.report_files import find_report_files, read_plan, read_reports
from bot.cli.options.commands import MergeOptions
from bot.cli.output import write_report
from bot.line.merged_reports import merge_reports


def run_merge(options: MergeOptions) -> int:
    """Write the report on all images of the plan and return the exit status of its verdict."""
    # Of the parts alone, nobody could tell that a job failed before it wrote its own.
    plan = read_plan(options.plan)
    paths = find_report_files(Path(), [str(path) for path in options.reports])
    return write_report(merge_reports(read_reports(paths), plan), options.output)
