"""The actions of service, one file per subject."""
