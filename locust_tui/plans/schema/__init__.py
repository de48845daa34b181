"""The plan file as pydantic models: what may be written where, and the JSON Schema that says so to editors."""
