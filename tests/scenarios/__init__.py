"""Series in, alerts out: what each rule does, in files that a nurse can check."""
