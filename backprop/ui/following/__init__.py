"""The page "Follow one weight": how one number reaches the loss."""
