"""Typeset documents with typst: one place for fonts, compilers, codes to scan and joining.

Every sheet of the product (price posters, action plans, scorecards, reports) is a ``.typ`` file
beside the code that gathers its data; what it shows comes as JSON, so that words are never read
as markup. ``sheet.typ`` holds what all sheets share.
"""
