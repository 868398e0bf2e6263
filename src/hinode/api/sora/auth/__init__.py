"""Who is calling: accounts, tokens, plans, invites, names."""
