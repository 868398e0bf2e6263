"""The operator's API: accounts, credits and keys, for keys with the scope ``admin``."""
