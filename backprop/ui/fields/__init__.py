"""What a visitor can choose, page by page: each file has a page's fields, and what a link says of them; table.py has them all."""
