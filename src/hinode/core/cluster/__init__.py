"""The keys that all hosts of one database share, encrypted with the cluster's secret."""
