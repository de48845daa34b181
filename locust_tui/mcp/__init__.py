"""The tool server for agents: what an agent may ask of the worker, in the Model Context Protocol."""
