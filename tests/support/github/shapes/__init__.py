"""The JSON objects of GitHub's schemas, one function each."""
