"""The course: exercises with answers, their figures, and what a class takes home."""
