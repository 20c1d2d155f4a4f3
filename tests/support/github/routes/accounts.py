"""The caller, other users, and their permissions."""

from http import HTTPStatus

from tests.support.github.answers import Answer, Refusal, not_found
from tests.support.github.call import Call
from tests.support.github.limits import allowance
from tests.support.github.shapes import repositories, users


def rate_limit(call: Call) -> Answer:
    """Return the rate limits; nothing is used up (see `faults.py` for that)."""
    rate = allowance(call.token, 0, call.state.now())
    return Answer(200, {"rate": rate, "resources": {"core": rate, "search": rate}})


def myself(call: Call) -> Answer:
    """Return the caller; a workflow's token has no user and is refused, as by GitHub."""
    if call.token is None:
        raise Refusal(HTTPStatus.UNAUTHORIZED, "Requires authentication")
    if call.token.kind == "installation":
        raise Refusal(HTTPStatus.FORBIDDEN, "Resource not accessible by integration")
    return Answer(200, users.private_user(call.view, call.state.account(call.token.login)))


def user(call: Call) -> Answer:
    """Return an existing account; asking does not create one."""
    account = call.state.accounts.get(call.values["username"].lower())
    if account is None:
        raise not_found()
    return Answer(200, users.public_user(call.view, account))


def repository(call: Call) -> Answer:
    """Return the repository."""
    return Answer(200, repositories.full_repository(call.view, call.repository()))


def permission(call: Call) -> Answer:
    """Return a user's permission on the repository."""
    where = call.repository()
    account = call.state.accounts.get(call.values["username"].lower())
    if account is None:
        raise Refusal(HTTPStatus.NOT_FOUND, f"{call.values['username']} is not a user")
    role = call.state.role(where, account.login)
    return Answer(200, users.collaborator_permission(call.view, account.login, role))
