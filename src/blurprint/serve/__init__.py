"""The service and its page: uploads in, results out, for people without a shell."""
