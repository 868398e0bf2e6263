"""The Sora backend dialect: what Sora's own web page and apps speak, under `/backend`."""
