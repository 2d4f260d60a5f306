// Transactions, logs and check-ins: once the server has said that it keeps none, they are not sent.
const Sentry = require('./sentry')({ tracesSampleRate: 1.0 });

(async () => {
  console.log(Sentry.captureMessage('the first answer tells'));
  await Sentry.flush(2000);
  for (let number = 0; number < 3; number += 1) {
    Sentry.startSpan({ name: `order ${number}` }, () => Sentry.logger.info('packed', { number }));
    Sentry.captureCheckIn({ monitorSlug: 'nightly', status: 'ok' });
  }
  await Sentry.close(2000);
})();
