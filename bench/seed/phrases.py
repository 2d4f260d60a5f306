"""What people write around the words that matter: sentences with gaps. `#` is a word of the vocabulary."""

TITLES = [
    "{Thing} {fails} when # is #", "# {fails} after {event}", "{Crash} in # while opening #", "Wrong # in the # of {place}",
    "# and # {fails} on {platform}", "{Slow}: # takes {number} seconds with # and #", "Cannot {act} # in {place} # list",
    "{Thing} shows the wrong # after #", "# missing from # on {platform}", "Regression: # no longer {acts} #",
    "{place}: # loses its # {when}", "# {acts} # twice {when}", "Unable to {act} # #", "The # {thing} ignores #",
    "{Crash} when {acting} # with # and #", "# is not {done} in {place} {when}", "Add # to the # {thing}",
    "{Thing} # overlaps # on {platform}", "Security: # exposes # to {people}", "# values are {done} as # in #",
    "{platform}: # #  {fails} {when}", "Empty # {thing} {when}", "Translation of # is missing in #", "# # #: {fails}",
]  # fmt: skip
SENTENCES = [
    "When I {act} the # {thing}, the # {fails}.", "This started after {event}, before that # worked.",
    "The {thing} shows # instead of #.", "It happens {when}, but not with #.", "We see it for about {number} {people} a day.",
    "The log says that # could not be {done} because # is not there.", "Everything is fine on {platform}.",
    "I have tried to {act} # and #, with the same result.", "Our {people} {act} # from {place} and then # is {done}.",
    "The # of the # is {number}, it should be {number}.", "On {platform} the # {thing} {fails}.",
    "Please {act} the # before the next release.", "A workaround is to {act} # first.", "After {number} minutes # {fails}.",
    "{Place} calls # with an empty # and gets an error.", "There is no # in the {thing}.",
    "It seems that # and # are not in step with #.", "The same problem was there with # last year.",
    "If # is {done} {when}, then # {fails} and # stays as it was.", "Only {people} with the # role can see it.",
    "I could not find # in the documentation of #.", "# # # {fails}.", "See the attached # for details.",
    "With {number} rows in # the {thing} takes {number} seconds.", "The # was {done} by #, which is wrong.",
    "Expected # but got # at line {number} of #.", "It is the # that {fails}, not the #.",
    "    at # in {code} (line {number})", "GET /api/v1/{code} gave 500 while # was running.",
    "var {code} = open # with # and #", "This blocks # for {people}.", "We use version 2.{number} with #.",
]  # fmt: skip
STEPS = [
    "Open {place}.", "Sign in as one of the {people}.", "{Act} the # {thing}.", "Choose # and #.", "Wait {number} seconds.",
    "{Act} # and look at the {thing}.", "Type # into the # field.", "Go back to {place}.", "Close the {thing} and {act} #.",
]  # fmt: skip
EXPECTED = ["The # is {done}.", "# and # are shown.", "No error, and # stays as it was.", "The {thing} lists # once."]
ACTUAL = [
    "The # {fails}.",
    "# is shown instead of #.",
    "An error about # appears {when}.",
    "Nothing happens, # is empty.",
]
COMMENTS = [
    "I can confirm this with #.", "Happens to me too {when}.", "Could you send the # log?", "Fixed with the # change.",
    "This looks like the # problem of last month.", "Not seen since # was {done}.", "We moved # to #, please test again.",
    "Is # switched on for these {people}?", "The cause is #: it is {done} before #.", "Please {act} # and tell us what # says.",
]  # fmt: skip
ERRORS = [
    "TimeoutError: # did not answer within {number} ms", "KeyError: #", "ValueError: # is not a valid #",
    "TypeError: cannot read properties of # (reading #)", "IntegrityError: duplicate key in # violates #",
    "ConnectionResetError: # closed by #", "NullPointerException: # of # is null", "IndexError: # out of range in #",
    "PermissionError: # may not {act} #", "HTTPError: 502 from # while {acting} #", "MemoryError: # needs {number} MB",
]  # fmt: skip
CHOICES = {
    "thing": ["button", "page", "list", "form", "menu", "table", "window", "field", "link", "view", "panel", "screen", "tab"],
    "fails": ["fails", "hangs", "is empty", "disappears", "is slow", "never finishes", "throws an error", "is wrong",
              "does nothing", "flashes", "is cut off", "returns null", "gets stuck", "stops working"],
    "event": ["the last update", "the upgrade", "a restart", "the weekend", "changing the settings", "clearing the data"],
    "crash": ["crash", "error", "exception", "failure", "freeze"],
    "place": ["the home page", "settings", "the admin area", "the mobile app", "the start page", "the API", "the shop"],
    "platform": ["Windows 11", "macOS", "Linux", "an old phone", "the iPad", "a slow connection", "a small display"],
    "slow": ["performance", "very slow", "delay", "timeouts"],
    "act": ["open", "save", "delete", "change", "select", "move", "copy", "print", "send", "share", "add", "remove", "check"],
    "acts": ["opens", "saves", "deletes", "changes", "selects", "moves", "copies", "sends", "adds", "removes"],
    "acting": ["opening", "saving", "deleting", "changing", "selecting", "moving", "copying", "sending"],
    "done": ["saved", "deleted", "changed", "shown", "sent", "moved", "copied", "removed", "loaded", "updated", "found"],
    "when": ["on the first try", "at midnight", "with two tabs open", "after a few minutes", "when offline", "on Mondays",
             "with a long name", "in dark mode", "in the background", "at random", "for new accounts", "behind a VPN"],
    "people": ["users", "customers", "testers", "guests", "admins", "editors", "visitors", "partners"],
    "code": ["get_items", "loadAll", "user_id", "createWindow", "on_submit", "render", "fetchPage", "main.js", "app/views.py"],
    "number": ["2", "3", "5", "10", "12", "15", "20", "30", "42", "60", "100", "250", "500", "1000", "4096"],
}  # fmt: skip
