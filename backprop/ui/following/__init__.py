"""The page "Follow one weight": the element on top, and a file for each of its tabs."""
