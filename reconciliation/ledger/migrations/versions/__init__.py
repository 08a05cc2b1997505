"""One module a version. Each runs frozen SQL, because the models of today are not those of that version."""
