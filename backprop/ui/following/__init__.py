"""The page "Follow one weight": what stands under the network, a tab a file, each a function that makes HTML."""
