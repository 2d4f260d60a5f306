// Calls that fail on the way to an error, with http and with fetch: the SDK notes them by itself.
const Sentry = require('./sentry')();
const http = require('node:http');

const answers = { '/stock': 500, '/me': 401 };
const supplier = http.createServer((request, response) => {
  response.writeHead(answers[request.url.split('?')[0]] ?? 200).end();
});
supplier.listen(0, '127.0.0.1', async () => {
  const url = `http://127.0.0.1:${supplier.address().port}`;
  await fetch(`${url}/ok`);
  await fetch(`${url}/stock?token=secret`);
  await new Promise((done) => http.get(`${url}/me`, (answer) => answer.resume().on('end', done)));
  console.log(Sentry.captureException(new Error('the stock is unknown')));
  await Sentry.flush(2000);
  process.exit(0);
});
