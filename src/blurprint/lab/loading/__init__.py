"""From the table to what a detector or a study sees: views and maps."""
