"""Strategies: crashing, fast-tracking, descoping, waiving and adding capacity, each pure over plan and world."""
