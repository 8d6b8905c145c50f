"""The makers' own protocols: one file each, with layouts as public sources describe them."""
