// A file that goes along with an error.
const Sentry = require('./sentry')();

Sentry.getCurrentScope().addAttachment({ filename: 'shop.log', data: 'line one\nline two\n', contentType: 'text/plain' });
console.log(Sentry.captureException(new Error('the printer does not answer')));
Sentry.flush(2000);
