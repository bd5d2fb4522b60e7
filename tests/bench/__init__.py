"""`make bench`: the whole path of a message measured beside a bare route, on both databases."""
