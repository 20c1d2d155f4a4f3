"""Records: what was measured on the default branch, kept for later comparisons.

A record is a small JSON document about one image of one commit. Whoever may write to where records
are kept can forge them, so the reader takes nothing on trust.
"""
