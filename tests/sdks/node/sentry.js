// The SDK of the version that the environment names, set up by the environment alone.
const Sentry = require(`sentry-node-${process.env.SDK_MAJOR}`);

module.exports = (options = {}) => {
  Sentry.init({ enableLogs: true, ...options });
  return Sentry;
};
