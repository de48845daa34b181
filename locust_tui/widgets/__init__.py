"""What the panes are made of: Line-API widgets that take values in and send messages out."""
