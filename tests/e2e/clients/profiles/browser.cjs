// What a browser does around a page's own code, for axios and for fetch: it keeps cookies with their
// attributes, says the page's Origin, and hides answers that CORS does not open.
const { CookieJar } = require('tough-cookie');

const ORIGIN = 'http://localhost:3000';
const jar = new CookieJar(); // like browsers, it takes Secure cookies from this machine itself

function mayRead(credentials, header) {
  const opened = header('access-control-allow-origin') === ORIGIN;
  return opened && (!credentials || header('access-control-allow-credentials') === 'true');
}

/// `sameOrigin`: the page comes from the gateway's own origin, as through a development server, so
/// that CORS asks for nothing.
function aroundAxios(axios, { origin = ORIGIN, sameOrigin = false } = {}) {
  const { wrapper } = require('axios-cookiejar-support');
  wrapper(axios);
  const create = axios.create.bind(axios);
  const prepare = (instance) => {
    instance.defaults.jar = jar;
    instance.defaults.headers.common.Origin = origin;
    const check = (response) => {
      if (sameOrigin) return;
      if (!mayRead(response.config.withCredentials, (name) => response.headers[name])) {
        throw new Error('Network Error');
      }
    };
    instance.interceptors.response.use(
      (response) => { check(response); return response; },
      (error) => { if (error.response) check(error.response); return Promise.reject(error); });
    return instance;
  };
  axios.create = (settings) => prepare(wrapper(create(settings)));
  return prepare(axios);
}

function aroundFetch() {
  const inner = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const credentials = request.credentials === 'include';
    const headers = new Headers(request.headers);
    headers.set('Origin', ORIGIN);
    const cookies = credentials ? await jar.getCookieString(request.url) : '';
    if (cookies) headers.set('Cookie', cookies);
    const body = request.body ? await request.text() : undefined;
    const response = await inner(request.url, { method: request.method, headers, body });
    if (!mayRead(credentials, (name) => response.headers.get(name))) throw new TypeError('Failed to fetch');
    if (credentials) {
      for (const cookie of response.headers.getSetCookie()) await jar.setCookie(cookie, request.url);
    }
    return response;
  };
}

/// Steps that print what they came to, one JSON object per line.
async function step(name, answering) {
  let seen;
  try {
    seen = await answering;
  } catch (error) {
    if (!error.response) throw error;
    seen = error.response;
  }
  console.log(JSON.stringify({ step: name, status: seen.status, body: seen.data }));
  return seen.data;
}

const cookieNames = async (url) => (await jar.getCookies(url)).map((cookie) => cookie.key);
const sleepUntilExpiryOf = (token) => {
  const { exp } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
  return new Promise((resolve) => { setTimeout(resolve, exp * 1000 - Date.now() + 50); });
};

module.exports = { aroundAxios, aroundFetch, jar, step, cookieNames, sleepUntilExpiryOf };
