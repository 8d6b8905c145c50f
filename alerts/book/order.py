"""Limits that must keep their order, or one rule would hide the other."""

ORDERED = (
    ("spo2_critical", "spo2_low"),
    ("systolic_very_low", "systolic_low"),
    ("systolic_low", "systolic_low_dizzy"),
    ("systolic_stage2", "systolic_crisis"),
    ("diastolic_stage2", "diastolic_crisis"),
    ("heart_rate_very_low", "heart_rate_low"),
    ("heart_rate_high", "heart_rate_very_high"),
    ("temperature_fever", "temperature_high_fever"),
    ("glucose_very_low", "glucose_low"),
    ("glucose_high", "glucose_very_high"),
    ("glucose_very_high", "glucose_extreme"),
)
"""Each pair from the lower to the higher."""
