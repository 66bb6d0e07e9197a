import { defineConfig } from 'vite';

export default defineConfig({
  base: './',
  build: {
    assetsDir: 'dashboard',
    assetsInlineLimit: 0,
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'], // these have light-dark()
    modulePreload: { polyfill: false },
    license: { fileName: 'dashboard/licenses.md' },
  },
  // `npm run dev` proxies queries to the gateway that GATEWAY names.
  server: {
    proxy: Object.fromEntries(['/graphql', '/caller'].map(path => [path, { target: process.env.GATEWAY ?? 'http://127.0.0.1:8080', ws: true }])),
  },
});
