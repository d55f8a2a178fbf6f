"""The deeds of people, one file for each subject. Those that hash passwords take the `Database` and open their own
transactions around the slow work; all others are part of the caller's transaction."""
