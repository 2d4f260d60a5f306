"""`make bench`: what Bugwire costs, beside the naive way and beside what the machine can do at most."""
