"""The page "By hand": the sheet, rounding, a slip switched on, and a sheet handed in."""
