"""A ward without patients: physiology, scenarios and real GATT peripherals in software."""
