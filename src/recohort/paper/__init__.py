"""What a paper publishes: reading, the registry of statistics, estimates, rounding."""
