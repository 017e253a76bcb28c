"""Two runs beside each other: settings, cells that are the same, differences beyond noise."""
