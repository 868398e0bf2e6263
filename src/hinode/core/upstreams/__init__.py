"""Accounts at upstream servers and their leases to jobs."""
