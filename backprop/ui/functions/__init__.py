"""The page "Functions": a file for each tab, page.py puts them together."""
