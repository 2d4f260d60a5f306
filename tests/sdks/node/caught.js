// An error with a cause that the program itself reports, with all that a scope carries.
const Sentry = require('./sentry')();

class PaymentRefused extends Error {
  name = 'PaymentRefused';
}

function limitOf(card) {
  throw new TypeError(`no limit for ${card}`);
}

function pay(order) {
  try {
    limitOf(order.card);
  } catch (cause) {
    throw new PaymentRefused(`order ${order.number} cannot be paid`, { cause });
  }
}

Sentry.setTag('component', 'checkout');
Sentry.setUser({ id: '7', username: 'ann', email: 'ann@example.com' });
Sentry.setContext('basket', { items: 3, total: 99.5 });
Sentry.addBreadcrumb({ category: 'ui.click', message: 'button#pay', type: 'user' });
try {
  pay({ number: '4711', card: 'amex' });
} catch (error) {
  console.log(Sentry.captureException(error));
}
Sentry.flush(2000);
