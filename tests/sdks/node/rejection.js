// A promise that is rejected and that nobody waits for.
const Sentry = require('./sentry')();

async function reserve(room) {
  throw new RangeError(`room ${room} is taken`);
}

reserve(101);
setTimeout(() => Sentry.flush(2000), 100);
