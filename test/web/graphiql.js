// Functions that use the playground as its users do, and read the text of its editors, which draw only visible lines.
import { openPage } from './browser.js';

/** Opens the playground. With `clock`, the test controls the page's time. */
export async function openPlayground(browser, gateway, { clock = false, ...options } = {}) {
  const opened = await openPage(browser, gateway, options);
  if (clock) {
    await opened.page.clock.install();
  }
  await opened.page.goto(gateway.url);
  await opened.page.locator('.graphiql-query-editor .view-line').first().waitFor();
  return opened;
}

export const readEditor = (page, name) => page.evaluate(`__MONACO.editor.getModels().find(m => m.uri.path.endsWith('${name}')).getValue()`);

/** Replaces the text of an editor. Typing would insert closing brackets. */
export const setEditor = (page, name, text) =>
  page.evaluate(([name, text]) => __MONACO.editor.getModels().find(m => m.uri.path.endsWith(name)).setValue(text), [name, text]);

/** Waits until GraphiQL has stored the operation, which it does a moment after it was typed. */
export const settled = page =>
  page.waitForFunction(() => {
    const stored = Object.entries(localStorage).find(([name]) => name.endsWith(':graphiql:query'))?.[1];
    return stored === __MONACO.editor.getModels().find(m => m.uri.path.endsWith('operation.graphql')).getValue();
  });

/** Opens the tab of this name, which must not be open yet. */
export async function openTab(page, name) {
  await page.locator('.graphiql-tab').getByText(name, { exact: true }).click();
  await settled(page);
}

export async function setOperation(page, text) {
  await setEditor(page, 'operation.graphql', text);
  await settled(page);
}

/** Runs the operation, by default with the button, and returns the answer that is shown. */
export async function run(page, start = () => page.getByRole('button', { name: /^Execute query/ }).click()) {
  await setEditor(page, 'response.json', '');
  await start();
  return answer(page);
}

/** Waits for the answer that is shown, and returns it. */
export async function answer(page) {
  const text = await page.waitForFunction(() => {
    const shown = globalThis.__MONACO?.editor.getModels().find(m => m.uri.path.endsWith('response.json'))?.getValue();
    return /^\{[^]*\}$/.test(shown) ? shown : null;
  });
  return JSON.parse(await text.jsonValue());
}

export async function showPane(page, name) {
  const button = page.getByRole('button', { name: `Show ${name}`, exact: true });
  if (await button.count()) {
    await button.click();
  }
  await page.getByRole('button', { name: `Hide ${name}`, exact: true }).waitFor();
}
