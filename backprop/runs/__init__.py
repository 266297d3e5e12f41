"""Many iterations of a lesson: history, landscapes, training."""
