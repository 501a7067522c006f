// The React + axios + httpOnly cookie tutorial: its axios instances, its useRefreshToken and its
// useAxiosPrivate, without the hooks around them. `auth` is what its AuthContext keeps.
//   node react_axios_cookie.cjs BASE
const axios = require('axios');
const browser = require('./browser.cjs');

const BASE_URL = process.argv[2];
browser.aroundAxios(axios);
const { step } = browser;

// api/axios.js
const api = axios.create({ baseURL: BASE_URL });
const axiosPrivate = axios.create({
  baseURL: BASE_URL,
  headers: { 'Content-Type': 'application/json' },
  withCredentials: true,
});

let auth = {};
let refreshes = 0;
const setAuth = (change) => { auth = typeof change === 'function' ? change(auth) : change; };

// hooks/useRefreshToken.js
const refresh = async () => {
  const response = await api.get('/refresh', { withCredentials: true });
  refreshes += 1;
  setAuth((prev) => ({ ...prev, roles: response.data.roles, accessToken: response.data.accessToken }));
  return response.data.accessToken;
};

// hooks/useAxiosPrivate.js
axiosPrivate.interceptors.request.use((config) => {
  if (!config.headers['Authorization']) {
    config.headers['Authorization'] = `Bearer ${auth?.accessToken}`;
  }
  return config;
}, (error) => Promise.reject(error));
axiosPrivate.interceptors.response.use((response) => response, async (error) => {
  const prevRequest = error?.config;
  if (error?.response?.status === 403 && !prevRequest?.sent) {
    prevRequest.sent = true;
    const newAccessToken = await refresh();
    prevRequest.headers['Authorization'] = `Bearer ${newAccessToken}`;
    return axiosPrivate(prevRequest);
  }
  return Promise.reject(error);
});

// components/Register.js and components/Login.js
const post = (path, body) => api.post(path, JSON.stringify(body), {
  headers: { 'Content-Type': 'application/json' }, withCredentials: true });

async function login(user, pwd) {
  const response = await post('/auth', { user, pwd });
  const accessToken = response?.data?.accessToken;
  const roles = response?.data?.roles;
  setAuth({ user, pwd, roles, accessToken });
  return response;
}

async function main() {
  const [user, pwd] = ['walt1', 'Aa$12345'];
  await step('refresh before', api.get('/refresh', { withCredentials: true }));
  await step('register', post('/register', { user, pwd }));
  await step('register again', post('/register', { user, pwd }));
  await step('register badly', post('/register', { user, pwd: 'x' }));
  await step('login wrong', login(user, 'Aa$12346'));
  await step('login without', post('/auth', { user }));
  await step('login', login(user, pwd));
  await step('claims', { status: 0, data: JSON.parse(Buffer.from(auth.accessToken.split('.')[1], 'base64url')) });
  await step('cookies', { status: 0, data: await browser.cookieNames(BASE_URL + '/employees') });
  await step('employees', axiosPrivate.get('/employees'));
  await step('employees without', api.get('/employees'));

  await browser.sleepUntilExpiryOf(auth.accessToken);
  await step('employees expired', api.get('/employees', {
    headers: { Authorization: `Bearer ${auth.accessToken}` } }));
  await step('employees again', axiosPrivate.get('/employees'));
  await step('refreshed', { status: refreshes, data: auth.roles });

  auth = {}; // PersistLogin: the page was loaded anew
  await refresh();
  await step('employees after a reload', axiosPrivate.get('/employees'));
  await step('another page', api.get('/refresh', {
    withCredentials: true, headers: { Origin: 'http://evil.example' }, validateStatus: () => true })
    .catch((error) => ({ status: 0, data: error.message })));

  const kept = auth.accessToken;
  await step('logout', api.get('/logout', { withCredentials: true }));
  await step('cookies after', { status: 0, data: await browser.cookieNames(BASE_URL + '/refresh') });
  await step('refresh after', api.get('/refresh', { withCredentials: true }));
  await step('employees after', api.get('/employees', { headers: { Authorization: `Bearer ${kept}` } }));
  await step('logout again', api.get('/logout', { withCredentials: true }));
}

main();
