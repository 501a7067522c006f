// The auth API (docs/API.md). The session is in a cookie that no script can read; the access token
// lives in this object, and so as long as the page. Nothing is written to the browser's storage.

/** What the gateway refused, with the stable code by which the texts are found. */
export class Refused extends Error {
  constructor(status, error, retryAfter) {
    super(error.code ?? 'unknown');
    this.status = status;
    this.code = error.code ?? 'unknown';
    this.detail = error;
    this.fields = Array.isArray(error.fields) ? error.fields : [];
    this.retryAfter = retryAfter;
  }
}

async function refusalIn(answer) {
  let error = {};
  try {
    error = (await answer.json()).error ?? {};
  } catch {
    // Not ours: something between us and the gateway answered.
  }
  return new Refused(answer.status, error, Number(answer.headers.get('Retry-After')) || 0);
}

export class Api {
  #token = null;
  #renewing = null;
  #base;

  constructor(base) {
    this.#base = base;
  }

  get isSignedIn() {
    return this.#token !== null;
  }

  /** A call that needs no session. */
  async open(method, path, body) {
    return this.#send(method, path, body, null);
  }

  /** A call that makes a session: register, login, its second half. It stays in the cookie. */
  async enter(path, body) {
    const pair = await this.open('POST', path, { ...body, delivery: 'cookie' });
    this.#token = pair.accessToken;
    return pair.user;
  }

  /** Takes up the session of the cookie. False: there is none. */
  async resume() {
    this.#renewing ??= this.#renew().finally(() => { this.#renewing = null; });
    return this.#renewing;
  }

  /** A call in the name of whoever is signed in. */
  async call(method, path, body) {
    try {
      return await this.#send(method, path, body, this.#token);
    } catch (refused) {
      if (refused.code !== 'token_expired' || !(await this.resume())) throw refused;
      return this.#send(method, path, body, this.#token);
    }
  }

  async leave() {
    await this.#send('POST', '/logout', null, this.#token);
    this.#token = null;
  }

  async #renew() {
    try {
      this.#token = (await this.open('POST', '/refresh-token')).accessToken;
      return true;
    } catch (refused) {
      if (!(refused instanceof Refused) || refused.status >= 500 || refused.status === 429) throw refused;
      this.#token = null;
      return false;
    }
  }

  async #send(method, path, body, token) {
    const headers = {};
    if (body) headers['Content-Type'] = 'application/json';
    if (token) headers.Authorization = `Bearer ${token}`;
    let answer;
    try {
      answer = await fetch(this.#base + path, {
        method, headers, body: body ? JSON.stringify(body) : undefined, credentials: 'same-origin', cache: 'no-store',
      });
    } catch {
      throw new Refused(0, { code: 'unreachable' }, 0);
    }
    if (!answer.ok) throw await refusalIn(answer);
    const said = await answer.text(); // also where it says nothing: until it is read, a call is not over
    return said === '' ? null : JSON.parse(said);
  }
}
