"""The page "Descent": a file for each tab, page.py puts them together."""
