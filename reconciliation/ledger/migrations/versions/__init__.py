"""One module a version; what it runs is frozen text, for the models of today are not those of then."""
