"""Practice: numbers computed by hand, and what went wrong with them."""
