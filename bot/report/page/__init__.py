"""The sections of the page, before any form is chosen."""
