/**
 * Requests to the gateway's API. The token is kept for this tab only, and leaves it only as a header to the same origin.
 * @module
 */

const KEY = 'tidegate.token';

/** The gateway wants a token, or another one. */
export class Unauthorized extends Error {
  constructor(status, text) {
    super(text);
    this.status = status;
  }
}

export const hasToken = () => sessionStorage.getItem(KEY) !== null;

export function keepToken(token) {
  sessionStorage.setItem(KEY, token);
}

/**
 * Fetches a path below /api. Resolves once the head of a 2xx is there.
 * @param {string} path such as `sessions?limit=50`
 * @param {AbortSignal} signal
 * @throws {Unauthorized} on 401 and 403
 */
export async function get(path, signal) {
  const token = sessionStorage.getItem(KEY);
  const headers = token === null ? {} : {Authorization: `Bearer ${token}`};
  // Relative to the page, so that it works behind a path prefix, too.
  const response = await fetch(`api/${path}`, {headers, signal, cache: 'no-store'});
  if (response.status === 401 || response.status === 403) {
    throw new Unauthorized(response.status, await line(response));
  }
  if (!response.ok) {
    throw new Error(`${response.status}: ${await line(response)}`);
  }
  return response;
}

/** The gateway explains itself in one line of text; anything longer isn't its own. */
async function line(response) {
  return (await response.text()).trim().slice(0, 300);
}
