"""The standard characteristics: one file each, which both decodes and encodes."""
