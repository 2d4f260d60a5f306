// A message of its own level and fingerprint.
const Sentry = require('./sentry')();

console.log(
  Sentry.captureMessage('the basket is empty', { level: 'fatal', fingerprint: ['{{ default }}', 'basket-empty'] }),
);
Sentry.flush(2000);
