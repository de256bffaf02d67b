// The function that types documents, for our schema.
import { initGraphQLTada } from 'gql.tada';

import type { introspection } from './generated/graphql-env.js';

export const graphql = initGraphQLTada<{
  introspection: introspection;
  scalars: { DateTime: string; ID: string };
}>();
