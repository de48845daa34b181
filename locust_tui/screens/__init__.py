"""The screens: they compose panes, hand them slices of the snapshot and turn messages into requests."""
