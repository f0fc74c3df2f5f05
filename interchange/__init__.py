"""Exchange with other systems: KoboToolbox, ODK Central, DHIS2."""
