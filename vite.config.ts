// Builds the page into dist/web; `npx vite` serves it with changes at once and hands the rest to a gateway on this machine.
import { defineConfig } from 'vite';

const gateway = 'http://127.0.0.1:8080';

export default defineConfig({
  root: 'web',
  // The gateway puts its own path before what the page loads; files find each other by their own place.
  base: './',
  publicDir: 'public',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: ['chrome111', 'firefox114', 'safari16.4'],
    // The policy allows no data: URLs for fonts and scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The libraries' licences ask to go along with every copy.
    license: { fileName: 'licenses.md' },
  },
  server: {
    host: '127.0.0.1',
    proxy: {
      '/api': { target: gateway, ws: true },
      '/login': gateway,
      '/logout': gateway,
    },
  },
});
