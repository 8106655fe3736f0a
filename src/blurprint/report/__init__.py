"""What a person or a program reads: HTML, JSON, figures."""
