// The settings of graphql-codegen: every scalar has a type, and every document an id that the server knows it by.
import type { CodegenConfig } from '@graphql-codegen/cli';

export default {
  schema: '../../../schema.graphql',
  documents: ['../documents/*.graphql', 'app.ts'],
  importExtension: '.js',
  generates: {
    'generated/': {
      preset: 'client',
      presetConfig: { persistedDocuments: true },
      config: {
        // A scalar that is not named here is an error; otherwise it would be `any`.
        strictScalars: true,
        scalars: { DateTime: 'string', ID: 'string' },
      },
    },
  },
} satisfies CodegenConfig;
