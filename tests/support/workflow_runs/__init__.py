"""GitHub's rules for runs of workflows: expressions, concurrency groups, and the checks that runs leave.

A model, made from GitHub's documentation and from what became of other repositories' checks; nothing
here asks GitHub.
"""
