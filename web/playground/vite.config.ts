import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

// GraphiQL loads its editor after its first render. A modulepreload link lets the browser fetch both concurrently.
const preloadEditor: Plugin = {
  name: 'preload-editor',
  transformIndexHtml: {
    order: 'post',
    handler: (_html, { bundle }) =>
      Object.values(bundle ?? {})
        .filter(file => file.type === 'chunk' && file.moduleIds.some(id => id.includes('/monaco-editor/esm/vs/editor/editor.api')))
        .map(file => ({ tag: 'link', attrs: { rel: 'modulepreload', crossorigin: true, href: `./${file.fileName}` }, injectTo: 'head' })),
  },
};

// Packages that have others in their files say so in a file of their own, which vite does not read. tools/release reads
// the comments, and adds what follows to the license of the package.
const noticesOfPackages: Plugin = {
  name: 'notices-of-packages',
  generateBundle(_options, bundle) {
    const modules = Object.values(bundle).flatMap(file => (file.type === 'chunk' ? file.moduleIds : []));
    const folders = new Set(modules.flatMap(id => id.match(/^\/.*\/node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0] ?? []));
    const notices = [...folders].sort().flatMap(folder => {
      const { name, version } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as { name: string; version: string };
      const files = readdirSync(folder).filter(file => /^third-?party-?notices/i.test(file));
      return files.map(file => `<!-- ${name}@${version} -->\n\n${readFileSync(`${folder}/${file}`, 'utf8').trim()}\n`);
    });
    this.emitFile({ type: 'asset', fileName: 'playground/notices.md', source: notices.join('\n') });
  },
};

const own = (file: string) => fileURLToPath(new URL(`src/${file}`, import.meta.url));

export default defineConfig({
  base: './',
  html: { cspNonce: 'CSP_NONCE' },
  plugins: [preloadEditor, noticesOfPackages],
  resolve: {
    dedupe: ['react', 'react-dom'], // the login of the dashboard is used here, too
    alias: [
      { find: 'monaco-editor/esm/vs/editor/edcore.main.js', replacement: own('monaco.ts') },
      { find: /^.*\/(multiD|d)iffEditor\/(multiD|d)iffEditorWidget\.js$/, replacement: own('noDiffEditor.ts') },
    ],
  },
  build: {
    assetsDir: 'playground',
    assetsInlineLimit: 0, // inlined files would need a wider Content-Security-Policy
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'], // these have light-dark()
    chunkSizeWarningLimit: 3000,
    modulePreload: { polyfill: false },
    license: { fileName: 'playground/licenses.md' },
  },
  worker: { format: 'es' },
  // `npm run dev` proxies queries to the gateway that GATEWAY names.
  server: {
    proxy: Object.fromEntries(['/graphql', '/caller', '/playground/schema'].map(path => [path, { target: process.env.GATEWAY ?? 'http://127.0.0.1:8080' }])),
  },
});
