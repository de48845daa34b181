"""Where a run lives: a process behind a shim, a folder that says how it ended, and the executor that knows both.

This file stays empty of imports: the zygote loads the package without `site` and must remain tiny.
"""
