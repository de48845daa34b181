"""Work in git: a worktree and a branch for each workstream, what was done there, and how it comes home."""
