// An exception that nobody catches ends the program, and its session.
require('./sentry')();

function deliver(parcels) {
  return parcels[3].label;
}

deliver(['one', 'two']);
