"""The queries of service, one file per subject."""
