// Passkeys: the API speaks WebAuthn's JSON forms, browsers speak bytes.

let offering = null;

/** Whether this browser has them, and this page is among those that may ask for them. */
export function canUsePasskeys(features) {
  return features.passkeys.includes(location.origin) && typeof PublicKeyCredential === 'function';
}

function bytesOf(text) {
  const plain = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
  return Uint8Array.from(plain, (c) => c.charCodeAt(0));
}

function textOf(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

function withBytes(credentials) {
  return (credentials ?? []).map((each) => ({ ...each, id: bytesOf(each.id) }));
}

function answerOf(credential, response) {
  return {
    id: credential.id,
    rawId: textOf(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: { clientDataJSON: textOf(credential.response.clientDataJSON), ...response },
  };
}

/** Makes a passkey as the API's options say; what /passkeys/register/verify wants. */
export async function makePasskey(options) {
  const publicKey = {
    ...options,
    challenge: bytesOf(options.challenge),
    user: { ...options.user, id: bytesOf(options.user.id) },
    excludeCredentials: withBytes(options.excludeCredentials),
  };
  const credential = await navigator.credentials.create({ publicKey });
  return answerOf(credential, {
    attestationObject: textOf(credential.response.attestationObject),
    transports: credential.response.getTransports?.() ?? [],
  });
}

async function ask(options, more) {
  const publicKey = {
    ...options, challenge: bytesOf(options.challenge), allowCredentials: withBytes(options.allowCredentials),
  };
  const credential = await navigator.credentials.get({ publicKey, ...more });
  const { authenticatorData, signature, userHandle } = credential.response;
  return answerOf(credential, {
    authenticatorData: textOf(authenticatorData),
    signature: textOf(signature),
    userHandle: userHandle ? textOf(userHandle) : undefined,
  });
}

/** Asks for a passkey; what /passkeys/login/verify wants. */
export function getPasskey(options) {
  return ask(options, {});
}

/** Lets the browser offer passkeys where names are filled in, until one is chosen or stopOffering(). */
export async function offerPasskeys(options, use) {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  offering = new AbortController();
  const { signal } = offering;
  const answer = await ask(await options(), { mediation: 'conditional', signal });
  if (!signal.aborted) await use(answer);
}

/** Before another ceremony, or a login by password. */
export function stopOffering() {
  offering?.abort();
  offering = null;
}
