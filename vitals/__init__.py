"""The nouns of the ward. Standard library only; no input or output, no clock."""
