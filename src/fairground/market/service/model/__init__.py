"""The model of service, one file per subject."""
