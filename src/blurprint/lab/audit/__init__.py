"""What may be wrong with a data set: damaged files, copies, shortcuts."""
