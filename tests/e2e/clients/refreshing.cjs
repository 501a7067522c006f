// Clients as they are written everywhere: on 401 they refresh and send the request again. Each
// function makes an axios instance for one logged-in person; `tokens` is that person's localStorage.
const axios = require('axios');
const { default: createAuthRefresh3 } = require('axios-auth-refresh-3');
const { createAuthRefresh: createAuthRefresh5 } = require('axios-auth-refresh-5');

function instance(base, tokens, agent) {
  const client = axios.create({ baseURL: base, httpAgent: agent });
  client.interceptors.request.use((request) => {
    request.headers.Authorization = `Bearer ${tokens.accessToken}`;
    return request;
  });
  return client;
}

async function refresh(base, tokens, agent) {
  const { data } = await axios.post(
    `${base}/auth/refresh-token`, { refreshToken: tokens.refreshToken }, { httpAgent: agent });
  Object.assign(tokens, data);
  tokens.refreshes += 1;
}

// Every failed request refreshes for itself.
function naive(base, tokens, agent) {
  const client = instance(base, tokens, agent);
  client.interceptors.response.use((response) => response, async (error) => {
    if (error.response?.status !== 401 || error.config.isRetry) throw error;
    await refresh(base, tokens, agent);
    return client({ ...error.config, isRetry: true });
  });
  return client;
}

// Requests that fail together share one refresh.
function shared(base, tokens, agent) {
  const client = instance(base, tokens, agent);
  let running = null;
  client.interceptors.response.use((response) => response, async (error) => {
    if (error.response?.status !== 401 || error.config.isRetry) throw error;
    running ??= refresh(base, tokens, agent).finally(() => { running = null; });
    await running;
    return client({ ...error.config, isRetry: true });
  });
  return client;
}

function withLibrary(createAuthRefresh, options) {
  return (base, tokens, agent) => {
    const client = instance(base, tokens, agent);
    createAuthRefresh(client, async (failed) => {
      await refresh(base, tokens, agent);
      failed.response.config.headers.Authorization = `Bearer ${tokens.accessToken}`;
    }, options);
    return client;
  };
}

module.exports = {
  naive,
  shared,
  'axios-auth-refresh 3': withLibrary(createAuthRefresh3),
  // By default version 5 gives up each request that fails while it refreshes, whatever the server
  // says; with this option they wait for the one refresh, as in version 3.
  'axios-auth-refresh 5': withLibrary(createAuthRefresh5, { deduplicateRefresh: false }),
};
