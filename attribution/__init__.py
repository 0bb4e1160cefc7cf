"""Attribution: credit for conversions, from journeys. It knows nothing of the simulator: they meet in one table."""
