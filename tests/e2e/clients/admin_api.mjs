// Reads the two OpenAPI documents from a running gateway, validates them, and calls the gateway by
// the clients that openapi-client-axios makes of them. Every answer is compared with the document.
// argv: the gateway, its admin address, the admin token, an API key that may introspect, another one. Prints the
// calls that were made, as `auth.login`.
import { createHmac } from 'node:crypto';
import { Validator } from '@seriousme/openapi-schema-validator';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { OpenAPIClientAxios } from 'openapi-client-axios';

const [gateway, admin, token, introspecting, spare] = process.argv.slice(2);
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats(ajv);
const met = new Set();

async function clientOf(name, where, server, headers = {}) {
  const answer = await fetch(where, { headers });
  if (answer.status !== 200) throw new Error(`${where}: ${answer.status}`);
  const document = await answer.json();
  const result = await new Validator().validate(structuredClone(document));
  if (!result.valid) throw new Error(`${where}: ${JSON.stringify(result.errors)}`);
  // Servers of single paths are relative to where the document lies.
  for (const path of Object.values(document.paths)) {
    for (const each of path.servers ?? []) each.url = new URL(each.url, where).origin;
  }
  const api = new OpenAPIClientAxios({ definition: document, withServer: { url: server } });
  const client = await api.init();
  client.defaults.headers.common = { ...client.defaults.headers.common, ...headers };
  client.defaults.validateStatus = () => true;
  return { name, api, client };
}

/// One call by its operationId; the answer has to be one of those that the document promises.
async function call({ name: document, api, client }, name, status, parameters = null, body = null, headers = {}) {
  const answer = await client[name](parameters, body, { headers });
  const where = `${name}: ${answer.status} ${JSON.stringify(answer.data)}`;
  if (answer.status !== status) throw new Error(`${where}, not ${status}`);
  const promised = api.getOperation(name).responses[answer.status];
  if (!promised) throw new Error(`${where} is not in the document`);
  const type = (answer.headers['content-type'] ?? '').split(';')[0];
  const schema = promised.content?.[type]?.schema;
  if (promised.content && !schema) throw new Error(`${where}: ${type} is not in the document`);
  if (!promised.content && answer.data !== '') throw new Error(`${where}: nothing was promised`);
  if (schema && !ajv.validate(schema, answer.data)) {
    throw new Error(`${where}: ${ajv.errorsText()}`);
  }
  met.add(`${document}.${name}`);
  return answer.data;
}

const bearer = (text) => ({ Authorization: `Bearer ${text}` });
const users = await clientOf('auth', `${gateway}/auth/openapi.json`, `${gateway}/auth`);
const operator = await clientOf('admin', `${admin}/admin/v1/openapi.json`, admin, bearer(token));
const stranger = await clientOf('admin', `${admin}/admin/v1/openapi.json`, admin, bearer(token));
stranger.client.defaults.headers.common.Authorization = 'Bearer nobody';

// --- The auth API, as a user has it.
const password = 'correct horse battery';
const pair = await call(users, 'register', 201, null, { username: 'ada', password });
await call(users, 'register', 409, null, { username: 'ada', password });
await call(users, 'register', 422, null, { username: '', password: 'x' });
await call(users, 'login', 401, null, { username: 'ada', password: 'wrong horse' });
const second = await call(users, 'login', 200, null, { username: 'ada', password });
let own = bearer(second.accessToken);
await call(users, 'me', 401);
await call(users, 'me', 200, null, null, own);
await call(users, 'rename', 200, null, { email: 'ada@example.com', currentPassword: password }, own);
await call(users, 'export', 200, null, null, own);
const sessions = await call(users, 'ownSessions', 200, null, null, own);
await call(users, 'endOwnSession', 404, { id: 'nothing' }, null, own);
await call(users, 'endOwnSession', 204, { id: sessions.find((each) => !each.current).id }, null, own);
await call(users, 'refresh', 403, null, { refreshToken: pair.refreshToken });
await call(users, 'refresh', 400, null, {});
await call(users, 'ownApiKeys', 200, null, null, own);
await call(users, 'revokeOwnApiKey', 404, { id: 'nothing' }, null, own);
await call(users, 'passkeyRegisterOptions', 200, null, null, own);
await call(users, 'passkeyRegisterOptions', 401);
await call(users, 'passkeyRegister', 400, null, {}, own);
await call(users, 'passkeyLoginOptions', 200, null, { username: 'nobody' });
await call(users, 'passkeyLogin', 400, null, {});
await call(users, 'ownPasskeys', 200, null, null, own);
await call(users, 'renamePasskey', 404, { id: 'nothing' }, { name: 'Phone' }, own);
await call(users, 'deletePasskey', 404, { id: 'nothing' }, null, own);
await call(users, 'verifyByGet', 200, null, null, own);
await call(users, 'verifyByGet', 401);
for (const method of ['Put', 'Post', 'Delete', 'Options', 'Head', 'Patch']) {
  await call(users, `verifyBy${method}`, 200, null, null, own);
}
await call(users, 'document', 200);
const form = (members) => new URLSearchParams(members);
await call(users, 'introspect', 200, null, form({ token: second.accessToken }), bearer(introspecting));
await call(users, 'introspect', 200, null, form({ token: 'nothing' }), bearer(introspecting));
await call(users, 'introspect', 401, null, form({ token: second.accessToken }));
await call(users, 'introspect', 403, null, form({ token: second.accessToken }), bearer(spare));
await call(users, 'jwks', 200);

// A second factor, with an authenticator app in small (RFC 6238).
function codeOf(secret) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret].map((each) => letters.indexOf(each).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mac = createHmac('sha1', key).update(step).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}
await call(users, 'secondFactor', 200, null, null, own);
await call(users, 'registerTotp', 403, null, { currentPassword: 'wrong horse' }, own);
const enrolment = await call(users, 'registerTotp', 200, null, { currentPassword: password }, own);
await call(users, 'verifyTotp', 403, null, { code: 'nothing' }, own);
const { recoveryCodes } = await call(users, 'verifyTotp', 200, null, { code: codeOf(enrolment.secret) }, own);
await call(users, 'registerTotp', 409, null, { currentPassword: password }, own);
const { error: half } = await call(users, 'login', 403, null, { username: 'ada', password });
await call(users, 'loginWithCode', 403, null, { loginToken: half.loginToken, code: 'nothing' });
await call(users, 'loginWithCode', 200, null, { loginToken: half.loginToken, code: recoveryCodes[0] });
await call(users, 'stepUp', 422, null, {}, own);
await call(users, 'stepUp', 200, null, { code: recoveryCodes[1] }, own);
const confirmation = (code) => ({ currentPassword: password, code });
const fresh = await call(users, 'renewRecoveryCodes', 200, null, confirmation(recoveryCodes[2]), own);
await call(users, 'removeTotp', 403, null, confirmation('nothing'), own);
await call(users, 'removeTotp', 204, null, confirmation(fresh.recoveryCodes[0]), own);
await call(users, 'stepUp', 404, null, { code: 'nothing' }, own);

const later = async () => call(users, 'login', 200, null, { username: 'ada', password });
await call(users, 'logout', 204, null, { refreshToken: (await later()).refreshToken });
await call(users, 'logout', 400, null, {});
await call(users, 'logoutByDelete', 204, null, { refreshToken: (await later()).refreshToken });
await call(users, 'logoutByDelete', 403, null, { refreshToken: 'nothing' });
await call(users, 'revoke', 200, null, form({ token: (await later()).refreshToken }));
await call(users, 'revoke', 400, null, form({}));
await call(users, 'logoutOthers', 204, null, null, own);
await call(users, 'logoutAll', 204, null, null, bearer((await later()).accessToken));
await call(users, 'logoutAll', 401, null, null, own);
own = bearer((await later()).accessToken);
await call(users, 'forgotPassword', 501, null, { email: 'ada@example.com' });
await call(users, 'resetPassword', 501, null, { token: 'nothing', newPassword: password });
await call(users, 'verifyEmail', 501, null, { token: 'nothing' });
await call(users, 'sendVerification', 501, null, null, own);
await call(users, 'changePassword', 204, null, { currentPassword: password, newPassword: `${password} 2` }, own);

// --- The admin API.
for (const name of ['status', 'routes', 'upstreams', 'config', 'listUsers', 'listApiKeys', 'listKeys', 'audit', 'lastReload',
  'document']) {
  await call(operator, name, 200);
  await call(stranger, name, 401);
}
await call(operator, 'listUsers', 422, { limit: 0 });
await call(operator, 'audit', 422, { since: 'yesterday' });
const user = { user: 'ada' };
await call(operator, 'findUser', 200, user);
await call(operator, 'findUser', 404, { user: 'nobody' });
const live = await call(operator, 'listSessions', 200, user);
await call(operator, 'revokeSession', 204, { session: live.sessions[0].id });
await call(operator, 'revokeSession', 404, { session: live.sessions[0].id });
await call(users, 'me', 401, null, null, own);
await call(operator, 'revokeSessions', 200, user);
await call(operator, 'listApiKeysOf', 200, user);
await call(operator, 'revokeApiKey', 404, { key: 'nothing' });
await call(operator, 'revokeApiKey', 204, { key: spare.slice(3, 25) });
await call(operator, 'blockUser', 200, user);
await call(users, 'login', 403, null, { username: 'ada', password: `${password} 2` });
await call(operator, 'unblockUser', 200, user);
await call(operator, 'removeSecondFactor', 200, user);
await call(users, 'login', 200, null, { username: 'ada', password: `${password} 2` });
const leaving = await call(users, 'register', 201, null, { username: 'eve', password });
await call(users, 'deleteAccount', 403, null, { currentPassword: 'wrong horse' }, bearer(leaving.accessToken));
await call(users, 'deleteAccount', 204, null, { currentPassword: password }, bearer(leaving.accessToken));
await call(operator, 'rotateKeys', 200);
await call(operator, 'reload', 200);
await call(operator, 'logLevel', 200);
await call(operator, 'setLogLevel', 200, null, { level: 'debug' });
await call(operator, 'setLogLevel', 422, null, { level: 'loud' });
await call(operator, 'setLogLevel', 400, null, 'debug', { 'Content-Type': 'application/json' });
await call(operator, 'purgeCache', 200, null, { path: '/items/**' });
await call(operator, 'purgeCache', 422, null, { route: 'nobody knows it' });
await call(operator, 'purgeCache', 400, null, { paths: '/items/**' });
await call(operator, 'handOver', 501);
await call(operator, 'explain', 200, null, { target: '/items', token: second.accessToken });
await call(operator, 'explain', 422, null, {});
await call(stranger, 'quit', 401);
await call(operator, 'quit', 202);
console.log([...met].sort().join('\n'));
