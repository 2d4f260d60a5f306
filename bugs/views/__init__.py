"""The REST doors of bugs, by subject."""
