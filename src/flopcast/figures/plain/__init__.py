"""Charts written as SVG at once, in milliseconds, for pages that are made while a reader waits.

The scenes, scales, colours and words are those of the Altair charts; only the writing differs.
"""
