"""Models of hosted providers: facts that the catalog and the engines share."""
