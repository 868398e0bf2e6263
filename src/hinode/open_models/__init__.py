"""Open-weight models by name: their frame rules and licences, for the catalog and engines."""
