"""The NOTIFY channels. A notification is a wake-up hint only: whoever listens also looks on a tick."""

EVALUATIONS_DUE = "evaluations_due"
"""A patient has something new to evaluate; no payload."""

WARD_CHANGED = "ward_changed"
"""A screen shows something new; payload `alert:<alert_id>:<patient_id>:<ward_id>` or
`observation::<patient_id>:<ward_id>`. Whoever passes it on does so to that ward alone."""
