"""A workbook by openpyxl, of the cells that come as JSON on standard input (tests/sandbox/sheets.rs)."""

import json
import sys

import openpyxl
from openpyxl.comments import Comment
from openpyxl.styles import Font

batch = json.load(sys.stdin)
book = openpyxl.Workbook()
sheet = book.active
for row, column, text in batch["cells"]:
    if text:
        sheet.cell(row, column + 1, text)
for row, column, days in batch["dates"]:
    cell = sheet.cell(row, column + 1, days)
    cell.number_format = "yyyy-mm-dd"
for row, column in batch["struck"]:
    sheet.cell(row, column + 1).font = Font(strike=True)
for row in batch["hiddenRows"]:
    sheet.row_dimensions[row].hidden = True
for row, column, text in batch["comments"]:
    sheet.cell(row, column + 1).comment = Comment(text, "")
old = book.create_sheet("旧稿")
old["A1"] = "旧"
old.sheet_state = "hidden"
book.save(batch["path"])
