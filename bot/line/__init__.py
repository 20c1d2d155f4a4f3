"""The steps of a review in order, on ports that the adapters implement."""
