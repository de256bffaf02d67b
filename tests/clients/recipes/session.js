// The tokens of a user.
/** Thrown when nothing but a new login helps. */
export class SessionEnded extends Error {}

/**
 * The tokens of a user. They are kept in memory alone: what is in `localStorage`, every script of the page can read.
 */
export class Session {
  #url;
  #tokens;
  #refreshing;

  constructor(url) {
    this.#url = url;
  }

  async register(input) {
    this.#tokens = await this.#exchange('register', 'RegisterInput', input);
  }

  async login(input) {
    this.#tokens = await this.#exchange('login', 'LoginInput', input);
  }

  /** The headers of a request, or the payload of `connection_init`; empty without a login. */
  get headers() {
    return this.#tokens ? { Authorization: `Bearer ${this.#tokens.accessToken}` } : {};
  }

  /** Whether the access token is known to be of no use any more. */
  get expired() {
    return this.#tokens !== undefined && Date.parse(this.#tokens.expiresAt) <= Date.now();
  }

  /** The headers with a token that is good, by this machine's clock. */
  async freshHeaders() {
    if (this.expired) await this.refresh();
    return this.headers;
  }

  /** To be called when the server refuses the access token: the clocks of the two may differ. */
  expire() {
    if (this.#tokens) this.#tokens.expiresAt = new Date(0).toISOString();
  }

  /** Gets the next pair of tokens, once for all who ask at the same time: a refresh token is good once. */
  refresh() {
    this.#refreshing ??= this.#next().finally(() => (this.#refreshing = undefined));
    return this.#refreshing;
  }

  async #next() {
    if (!this.#tokens) throw new SessionEnded('nobody is logged in');
    const input = { refreshToken: this.#tokens.refreshToken };
    this.#tokens = await this.#exchange('refreshSession', 'RefreshSessionInput', input);
  }

  async #exchange(name, type, input) {
    const query = `mutation($input: ${type}!) { ${name}(input: $input) { accessToken expiresAt refreshToken } }`;
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ query, variables: { input } }),
    });
    const { data, errors } = await response.json();
    if (errors?.[0].extensions.code === 'UNAUTHENTICATED') throw new SessionEnded(errors[0].message);
    if (errors) throw new Error(errors[0].message);
    return data[name];
  }
}
