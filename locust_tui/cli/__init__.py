"""The command line: one module a verb under `verbs/`, nothing imported before it is used."""
