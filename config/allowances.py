"""How many calls a minute, an hour and a day: a key that names none, at most, a person, and all of one person."""

import environ

env = environ.Env()

DEFAULTS = {
    "requests_per_minute": env.int("REQUESTS_PER_MINUTE", 600),
    "requests_per_hour": env.int("REQUESTS_PER_HOUR", 20_000),
    "requests_per_day": env.int("REQUESTS_PER_DAY", 200_000),
}
MAXIMA = {  # the most that a person may give a key
    "requests_per_minute": env.int("REQUESTS_PER_MINUTE_MAX", 6_000),
    "requests_per_hour": env.int("REQUESTS_PER_HOUR_MAX", 200_000),
    "requests_per_day": env.int("REQUESTS_PER_DAY_MAX", 2_000_000),
}
PEOPLE = {  # with a session
    "requests_per_minute": env.int("PEOPLE_REQUESTS_PER_MINUTE", DEFAULTS["requests_per_minute"]),
    "requests_per_hour": env.int("PEOPLE_REQUESTS_PER_HOUR", DEFAULTS["requests_per_hour"]),
    "requests_per_day": env.int("PEOPLE_REQUESTS_PER_DAY", DEFAULTS["requests_per_day"]),
}
OWNERS = {  # all keys and sessions of one person together; 0: no such limit
    "requests_per_minute": env.int("OWNER_REQUESTS_PER_MINUTE", 0),
    "requests_per_hour": env.int("OWNER_REQUESTS_PER_HOUR", 0),
    "requests_per_day": env.int("OWNER_REQUESTS_PER_DAY", 0),
}
