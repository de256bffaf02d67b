import { gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/**
 * Writes a gzip twin beside every asset.
 *
 * The server sends the twin as it is: compressing megabytes per request would hand every stranger a way to burn its CPU.
 */
function gzipTwins() {
  return {
    name: 'gzip-twins',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        for (const { fileName, code, source } of Object.values(bundle)) {
          this.emitFile({ type: 'asset', fileName: `${fileName}.gz`, source: gzipSync(code ?? source, { level: 9 }) });
        }
      },
    },
  };
}

export default defineConfig({
  // Absolute, because the server answers with the same page at `/`, `/playground` and `/playground/`.
  base: '/playground/',
  plugins: [react(), gzipTwins()],
  worker: { format: 'es' },
  build: {
    // Monaco, the editor inside GraphiQL, is one chunk of about 3 MB; splitting it would not make it smaller.
    chunkSizeWarningLimit: 4096,
    reportCompressedSize: false,
    rolldownOptions: {
      // GraphiQL marks its modules for React's compiler, which ran before they were published.
      onLog(level, log, handle) {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log);
      },
    },
  },
  // `npm run dev` talks to a server started by `cargo run`.
  server: { proxy: { '/graphql': { target: 'http://127.0.0.1:8000', ws: true } } },
});
