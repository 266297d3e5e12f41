"""What a teacher sets up: lessons, their files, and the examples."""
