// The MERN store's front end: lib/axios.js, the user store, and the interceptor that refreshes once
// for all requests that fail together. What zustand keeps is `user`.
//   node mern_store.cjs BASE
const axiosLibrary = require('axios');
const browser = require('./browser.cjs');

const BASE = process.argv[2];
browser.aroundAxios(axiosLibrary, { origin: 'http://localhost:5173', sameOrigin: true });
const { step } = browser;

// lib/axios.js
const axios = axiosLibrary.create({ baseURL: `${BASE}/api`, withCredentials: true });

// stores/useUserStore.js
let user = null;
let refreshes = 0;
const store = {
  signup: async ({ name, email, password }) => {
    const res = await axios.post('/auth/signup', { name, email, password });
    user = res.data;
    return res;
  },
  login: async (email, password) => {
    const res = await axios.post('/auth/login', { email, password });
    user = res.data;
    return res;
  },
  logout: async () => {
    const res = await axios.post('/auth/logout');
    user = null;
    return res;
  },
  checkAuth: async () => {
    const res = await axios.get('/auth/profile');
    user = res.data;
    return res;
  },
  refreshToken: async () => {
    refreshes += 1;
    const res = await axios.post('/auth/refresh-token');
    return res.data;
  },
};
let refreshPromise = null;
axios.interceptors.response.use((response) => response, async (error) => {
  const originalRequest = error.config;
  if (error.response?.status === 401 && !originalRequest._retry) {
    originalRequest._retry = true;
    try {
      if (refreshPromise) {
        await refreshPromise;
        return axios(originalRequest);
      }
      refreshPromise = store.refreshToken();
      await refreshPromise;
      refreshPromise = null;
      return axios(originalRequest);
    } catch (refreshError) {
      refreshPromise = null;
      user = null;
      return Promise.reject(refreshError);
    }
  }
  return Promise.reject(error);
});

const say = (name, status, body) => console.log(JSON.stringify({ step: name, status, body }));
const cookies = (path) => browser.cookieNames(`${BASE}${path}`);
const expireAccess = async () => {
  const [token] = (await browser.jar.getCookies(`${BASE}/`)).filter((c) => c.key === 'accessToken');
  await browser.sleepUntilExpiryOf(token.value);
};

async function main() {
  const person = { name: 'John Doe', email: 'john@example.com', password: 'a green bicycle' };
  await step('profile before', axios.get('/auth/profile', { _retry: true }));
  await step('signup', store.signup(person));
  await step('signup again', store.signup(person));
  await step('signup badly', store.signup({ ...person, email: 'jane@example.com', password: '1' }));
  await step('login wrong', store.login(person.email, '987654321'));
  await step('login', store.login(person.email, person.password));
  say('cookies', 0, (await cookies('/api/cart')).sort());
  await step('profile', store.checkAuth());
  await step('cart', axios.post('/cart', { productId: 'p1' }));
  await step('products', axios.get('/products/featured'));

  await expireAccess();
  const answers = await Promise.all(
    ['/cart', '/orders', '/auth/profile'].map((path) => axios.get(path)));
  say('together', refreshes, answers.map((answer) => answer.status));

  await step('another page', axios.post('/cart', {}, { headers: { Origin: 'http://evil.example' } }));
  await step('logout', store.logout());
  say('cookies after', 0, await cookies('/api/cart'));
  await step('profile after', axios.get('/auth/profile', { _retry: true }));
  await step('refresh after', axios.post('/auth/refresh-token', undefined, { _retry: true }));
  await step('logout again', store.logout());
}

main();
