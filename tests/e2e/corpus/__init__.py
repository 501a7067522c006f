"""What is sent in more than one test: a new row meets every backend there is."""
