"""The problems that our own rules find: rules of one problem share a patient's open alert."""

PROBLEMS = frozenset({
    "copd_worsening", "device_battery", "device_clock", "device_pairing", "fluid_gain", "gateway",
    "glucose_high", "glucose_low", "heart_rate_high", "heart_rate_low", "late_readings", "news2",
    "oxygen_low", "poor_signal", "pounds", "pressure_high", "pressure_low", "pressure_uncontrolled",
    "pulse_pressure_wide", "readings_gap", "readings_held", "silence", "symptom", "temperature_high",
    "temperature_low", "typed_in", "weight_loss",
})  # fmt: skip
"""A clinic's own rule may have another; one that is nearly one of these is mistyped."""
