"""Sheets of paper: scorecard, wall poster, district summary, programme and national report.

``figures``    released figures of a province, read once for many sheets
``frame``      what every sheet carries: release, method, date, filters, code to scan, hotline
``scorecard``, ``wall_poster``, ``district``, ``programme``, ``nation``
               gather the data of one sheet as plain values; the ``.typ`` beside each sets it
``sheets``     the list of sheets: which place each is about, its paper, how it is made
``jobs``       many scorecards as one PDF, with progress
``pages``      the page on which a sheet is chosen, and the sheets as PDF

Paper is passed on: it shows released figures only, whoever prints it
(docs/decisions/0039-paper.md).
"""
