"""How well the shipped rules do against the usual ones, on invented cohorts whose truth is known."""
