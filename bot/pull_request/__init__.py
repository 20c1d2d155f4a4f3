"""Events, comments and review suggestions of a pull request, without any request."""
