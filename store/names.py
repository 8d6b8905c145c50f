"""How a name is searched: every word that was typed, and short ones at the beginning of words only."""

_INDEXED_FROM = 3
"""A trigram index knows nothing of shorter parts; they are looked for at the beginning of words."""


def words_of(search: str) -> list[str]:
    """The words that were typed, each once."""
    return list(dict.fromkeys(search.split()))


def is_short(word: str) -> bool:
    """Whether the word is too short for any part of a name to be looked up by it."""
    return len(word) < _INDEXED_FROM


def escaped(word: str) -> str:
    """The word with LIKE's own signs meaning themselves."""
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def search_patterns(search: str) -> list[str]:
    """For each word the pattern that `patients.search_text` must be LIKE, once folded; none for no search."""
    return [f"% {escaped(word)}%" if is_short(word) else f"%{escaped(word)}%" for word in words_of(search)]
