"""The operations, named by their `operationId` in the description."""

from collections.abc import Callable, Mapping

from tests.support.github.answers import Answer
from tests.support.github.call import Call
from tests.support.github.routes import (
    accounts,
    comments,
    commits,
    issues,
    labels,
    pulls,
    reviews,
    runs,
)

Route = Callable[[Call], Answer]

ROUTES: Mapping[str, Route] = {
    "rate-limit/get": accounts.rate_limit,
    "users/get-authenticated": accounts.myself,
    "users/get-by-username": accounts.user,
    "repos/get": accounts.repository,
    "repos/get-collaborator-permission-level": accounts.permission,
    "repos/get-commit": commits.commit,
    "repos/get-combined-status-for-ref": commits.combined_status,
    "repos/create-commit-status": commits.create_status,
    "repos/list-pull-requests-associated-with-commit": commits.pulls,
    "actions/get-workflow-run": runs.run,
    "actions/list-workflow-run-artifacts": runs.artifacts,
    "issues/list-for-repo": issues.listed,
    "issues/create": issues.create,
    "issues/get": comments.issue,
    "issues/update": issues.edit,
    "issues/list-comments": comments.listed,
    "issues/create-comment": comments.create,
    "issues/get-comment": comments.get_comment,
    "issues/update-comment": comments.edit,
    "issues/delete-comment": comments.delete,
    "issues/list-labels-on-issue": labels.listed,
    "issues/add-labels": labels.add,
    "issues/set-labels": labels.set_all,
    "issues/remove-all-labels": labels.remove_all,
    "issues/remove-label": labels.remove,
    "issues/list-events": labels.events,
    "issues/list-events-for-timeline": labels.timeline,
    "pulls/get": pulls.get_pull_request,
    "pulls/list-files": pulls.files,
    "pulls/list-reviews": reviews.listed,
    "pulls/create-review": reviews.create,
    "pulls/list-review-comments": reviews.comments,
    "pulls/create-review-comment": reviews.create_comment,
    "pulls/create-reply-for-review-comment": reviews.reply,
    "pulls/get-review-comment": reviews.one_comment,
    "pulls/update-review-comment": reviews.edit_comment,
    "pulls/delete-review-comment": reviews.delete_comment,
}
