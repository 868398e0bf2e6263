"""Accounts and sessions: tokens, plans, invites, usernames."""
