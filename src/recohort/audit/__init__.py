"""One question a file about what the search found."""
