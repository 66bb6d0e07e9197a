// Takes the screenshots of the documents: both pages, light and dark, wide and narrow. They are written to the folder
// that SCREENSHOTS names; without it they are taken and discarded.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openPage, quiet, startBrowser } from './browser.js';
import { startGateway } from './gateway.js';
import { answer, openPlayground } from './graphiql.js';

const folder = process.env.SCREENSHOTS;
const widths = { wide: { width: 1280, height: 800 }, narrow: { width: 390, height: 844 } };

let browser, gateway;
before(async () => {
  [browser, gateway] = await Promise.all([startBrowser(), startGateway(), folder && mkdir(folder, { recursive: true })]);
});
after(() => Promise.all([browser?.close(), gateway?.stop()]));

const screenshot = async ({ page, context }, name) => {
  await page.mouse.move(0, 0);
  await page.screenshot({ path: folder && join(folder, `${name}.png`), animations: 'disabled', caret: 'hide' });
  await context.close();
};

for (const colorScheme of ['light', 'dark']) {
  for (const [width, viewport] of Object.entries(widths)) {
    test(`the playground, ${width}, ${colorScheme}`, async () => {
      const opened = await openPlayground(browser, gateway, { colorScheme, viewport });
      await answer(opened.page);
      await quiet(opened.page); // the editor adds completion and colours a little later
      await screenshot(opened, `playground-${width}-${colorScheme}`);
    });
    test(`the dashboard, ${width}, ${colorScheme}`, async () => {
      const opened = await openPage(browser, gateway, { colorScheme, viewport });
      await opened.page.goto(`${gateway.url}/dashboard`);
      await opened.page.locator('.table').waitFor();
      await screenshot(opened, `dashboard-${width}-${colorScheme}`);
    });
  }
}
