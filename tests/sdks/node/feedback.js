// What a user says about an error.
const Sentry = require('./sentry')();

const associatedEventId = Sentry.captureException(new Error('the form was lost'));
console.log(associatedEventId);
Sentry.captureFeedback({
  message: 'I pressed send and everything was gone',
  name: 'Ann',
  email: 'ann@example.com',
  url: 'http://shop.example/contact',
  associatedEventId,
});
Sentry.flush(2000);
