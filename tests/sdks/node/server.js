// An HTTP server that fails in a request, and counts its requests as sessions.
const Sentry = require('./sentry')();
const http = require('node:http');

const shop = http.createServer((request, response) => {
  try {
    const prices = { 1: { amount: 10 } };
    response.end(String(prices[request.url.split('/')[2]].amount));
  } catch (error) {
    console.log(Sentry.captureException(error));
    response.writeHead(500).end();
  }
});
shop.listen(0, '127.0.0.1', async () => {
  const url = `http://127.0.0.1:${shop.address().port}`;
  const headers = { authorization: 'Bearer secret', cookie: 'session=secret', 'user-agent': 'shop-app/2.1' };
  await fetch(`${url}/orders/1`);
  await fetch(`${url}/orders/77?coupon=SPRING`, { headers });
  await Sentry.close(2000);
  process.exit(0);
});
