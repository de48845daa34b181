"""The seam between viewers and the worker: typed requests, the connection, the snapshot feed."""
