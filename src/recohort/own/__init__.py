"""A paper of your own: a short file in, an honest answer and a report of it out."""
