"""What the meta-orchestrator does: messages, memory, tasks, escalations, allocation, risks, alerts, hooks, reports."""
