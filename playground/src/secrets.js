// Knows credentials by sight, in operations and in variables.

/** A field or variable that names a secret, with the string it is given; the string may still be unfinished. */
const SECRET_FIELD = /(\b\w*(?:password|token|secret)"?\s*:\s*)(?:"""[\s\S]*?(?:"""|$)|"(?:[^"\\\n]|\\.)*"?)/gi;

/** A JSON Web Token or an API token, wherever it was pasted. */
const TOKEN = /\beyJ[\w-]+\.[\w.-]+|\btwp_\w+/g;

/** The text with every credential blanked. */
export function withoutSecrets(text) {
  return text.replace(SECRET_FIELD, '$1""').replace(TOKEN, '');
}
