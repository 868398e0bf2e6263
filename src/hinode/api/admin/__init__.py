"""The admin API: accounts, keys and engines, for keys with the scope ``admin``."""
