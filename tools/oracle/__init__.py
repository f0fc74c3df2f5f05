"""Compare both evaluators with JavaRosa, the engine of ODK Collect."""
