// A page of a shop: what it does wrong is told by an unmodified SDK, set up by /settings.js alone.
import * as Sentry from 'sentry';

Sentry.init(window.SETTINGS);
window.Sentry = Sentry;

let visited = 0;

function total(basket) {
  return basket.items.length;
}

function pay() {
  Sentry.setTag('component', 'checkout');
  return total(null);
}

function picture() {
  const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
  return Uint8Array.from(atob(pixel), (letter) => letter.charCodeAt(0));
}

function complain(...attachments) {
  const associatedEventId = Sentry.captureException(new Error('the form was lost'));
  Sentry.captureFeedback(
    {
      message: 'I pressed send and everything was gone',
      name: 'Ann',
      email: 'ann@example.com',
      associatedEventId,
    },
    { attachments },
  );
}

async function refresh() {
  for (const path of ['/ok', '/stock?token=secret', '/me']) {
    await fetch(path);
  }
  throw new Error('the stock is unknown');
}

const actions = {
  pay,
  reserve: () => void Promise.reject(new RangeError('room 101 is taken')),
  refresh: () => void refresh(),
  browse: () => {
    history.pushState({}, '', '/basket');
    Sentry.captureMessage('the basket is empty', 'warning');
  },
  look: () => {
    visited += 1;
    history.pushState({}, '', `/articles/${visited}`);
    console.info(`article ${visited} is shown`);
    void fetch(`/articles/${visited}.json`);
  },
  complain: () => complain(),
  show: () => complain({ filename: 'screenshot.png', data: picture(), contentType: 'image/png' }),
  attach: () => {
    Sentry.getCurrentScope().addAttachment({ filename: 'basket.json', data: '{"basket": []}' });
    Sentry.captureException(new Error('the printer does not answer'));
  },
};
for (const [name, action] of Object.entries(actions)) {
  document.getElementById(name).addEventListener('click', action);
}
