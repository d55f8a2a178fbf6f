"""The embedded PostgreSQL under everything that goes wrong around it: kills, strangers, closed folders."""
