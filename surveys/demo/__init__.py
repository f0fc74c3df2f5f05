"""An invented country with known true rates, for showing, training and testing."""
