"""Accounts at upstream servers that engines render with, and which job each of them has."""
