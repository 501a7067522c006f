// The secret of a link in a mail stands behind its #: no server and no log gets to see that part.

/** Takes it, and takes it out of the address, so that it is in no history and no shared link. */
export function takeLinkToken() {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  addEventListener('hashchange', () => location.reload()); // another link, opened in the same window
  history.replaceState(null, '', location.pathname + location.search);
  return token;
}
