"""Know: question in, Answer with its source or an honest no out."""
