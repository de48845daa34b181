"""The plan file and its meaning: read, checked, compared, trusted, watched and written back."""
