// Redux Toolkit Query as the tutorial has it: authSlice, apiSlice with baseQueryWithReauth, authApiSlice.
//   node rtk_query.cjs BASE
const browser = require('./browser.cjs');

browser.aroundFetch();
const { createSlice, configureStore } = require('@reduxjs/toolkit');
const { createApi, fetchBaseQuery } = require('@reduxjs/toolkit/query');

const BASE_URL = process.argv[2];

// features/auth/authSlice.js
const authSlice = createSlice({
  name: 'auth',
  initialState: { token: null },
  reducers: {
    setCredentials: (state, action) => {
      const { accessToken } = action.payload;
      state.token = accessToken;
    },
    logOut: (state) => { state.token = null; },
  },
});
const { setCredentials, logOut } = authSlice.actions;

// app/api/apiSlice.js
const baseQuery = fetchBaseQuery({
  baseUrl: BASE_URL,
  credentials: 'include',
  prepareHeaders: (headers, { getState }) => {
    const token = getState().auth.token;
    if (token) headers.set('authorization', `Bearer ${token}`);
    return headers;
  },
});
let refreshes = 0;
const baseQueryWithReauth = async (args, api, extraOptions) => {
  let result = await baseQuery(args, api, extraOptions);
  if (result?.error?.status === 403) {
    refreshes += 1;
    const refreshResult = await baseQuery('/auth/refresh', api, extraOptions);
    if (refreshResult?.data) {
      api.dispatch(setCredentials({ ...refreshResult.data }));
      result = await baseQuery(args, api, extraOptions);
    } else {
      if (refreshResult?.error?.status === 403) {
        refreshResult.error.data.message = 'Your login has expired. ';
      }
      return refreshResult;
    }
  }
  return result;
};
const apiSlice = createApi({
  baseQuery: baseQueryWithReauth,
  endpoints: (builder) => ({
    login: builder.mutation({
      query: (credentials) => ({ url: '/auth', method: 'POST', body: { ...credentials } }) }),
    sendLogout: builder.mutation({
      query: () => ({ url: '/auth/logout', method: 'POST' }),
      async onQueryStarted(arg, { dispatch, queryFulfilled }) {
        await queryFulfilled.catch(() => null);
        dispatch(logOut());
      },
    }),
    refresh: builder.mutation({
      query: () => ({ url: '/auth/refresh', method: 'GET' }),
      async onQueryStarted(arg, { dispatch, queryFulfilled }) {
        const done = await queryFulfilled.catch(() => null);
        if (done) dispatch(setCredentials({ accessToken: done.data.accessToken }));
      },
    }),
    addUser: builder.mutation({
      query: (user) => ({ url: '/auth/register', method: 'POST', body: user }) }),
    getNotes: builder.query({ query: (which) => `/notes?which=${which}` }),
  }),
});
const store = configureStore({
  reducer: { [apiSlice.reducerPath]: apiSlice.reducer, auth: authSlice.reducer },
  middleware: (all) => all().concat(apiSlice.middleware),
});

let asked = 0;
async function step(name, endpoint, argument) {
  const { data, error } = await store.dispatch(apiSlice.endpoints[endpoint].initiate(argument));
  console.log(JSON.stringify({ step: name, status: error?.status ?? 200, body: error ? error.data : data }));
  return data;
}
const notes = (name) => step(name, 'getNotes', (asked += 1));
const say = (name, status, body) => console.log(JSON.stringify({ step: name, status, body }));

async function main() {
  const user = { username: 'Dave', password: 'correct horse' };
  await step('refresh before', 'refresh');
  await step('login unknown', 'login', user);
  await step('register', 'addUser', user);
  await step('register again', 'addUser', user);
  await step('login without', 'login', { username: 'Dave' });
  const { accessToken } = await step('login', 'login', user);
  store.dispatch(setCredentials({ accessToken }));
  say('claims', 0, JSON.parse(Buffer.from(accessToken.split('.')[1], 'base64url')).UserInfo);
  await notes('notes');

  await browser.sleepUntilExpiryOf(accessToken);
  say('refreshes before the expiry', refreshes);
  await notes('notes after the expiry');
  say('refreshes after it', refreshes, store.getState().auth.token !== accessToken);

  const kept = store.getState().auth.token;
  await step('logout', 'sendLogout');
  say('cookies after', 0, await browser.cookieNames(BASE_URL + '/auth/refresh'));
  await notes('notes without a token');
  store.dispatch(setCredentials({ accessToken: kept }));
  await notes('notes with a dead token');
  await browser.jar.setCookie('jwt=no.token.at-all; Path=/; Secure; HttpOnly', BASE_URL);
  await notes('notes with a dead token and cookie');
  await step('logout again', 'sendLogout');
  say('cookies at last', 0, await browser.cookieNames(BASE_URL + '/auth/refresh'));
}

main();
