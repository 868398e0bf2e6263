"""Servers of the Sora backend dialect as upstreams."""
