"""The report: one page that opens from disk, with pictures, tables behind them, assumptions and a health card.

`funnelsim.faces.report.page.report` makes it; this package loads nothing, so that help answers at once.
"""
