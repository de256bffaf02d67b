// What the playground remembers between visits, in local storage: operations, layout and theme, never a credential.
import { createLocalStorage } from '@graphiql/toolkit';
import { DEFAULT_HEADERS } from './fetcher.js';
import { withoutSecrets } from './secrets.js';

/** Cleans one entry: JSON string by string, for a string inside JSON has its quotes escaped; plain text as a whole. */
function cleaned(key, value) {
  if (!/:(tabState|queries|favorites)$/.test(key)) return withoutSecrets(value);
  return JSON.stringify(JSON.parse(value), (name, inner) => {
    // GraphiQL leaves out the headers of tabs by itself, but not those of its history.
    if (name === 'headers') return key.endsWith(':tabState') ? null : DEFAULT_HEADERS;
    return typeof inner === 'string' ? withoutSecrets(inner) : inner;
  });
}

const local = createLocalStorage({ namespace: 'taskward' });

/** The storage that GraphiQL is given; what it reads back is what was cleaned when it was written. */
export const storage = {
  getItem: local.getItem,
  removeItem: local.removeItem,
  clear: local.clear,
  get length() {
    return local.length;
  },
  setItem(key, value) {
    if (!key.endsWith(':headers')) local.setItem(key, cleaned(key, value));
  },
};
