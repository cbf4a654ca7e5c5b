// The settings, in each of their states.
import { config } from '../e2e/fake-settings.mjs';

const SITES = '#/settings/sites';
const SITE = `${SITES}/shop`;
const never = () => new Promise(() => {});
const refusal = (status, code, message) => ({ status, body: { code, message } });
const onPath = (end, answer) => (api) => (api.instead = (path) => (path.endsWith(end) ? answer() : undefined));
const shown = (testid) => (page) => page.getByTestId(testid).first().waitFor();
const several = (api) => {
  api.sites.push({ key: 'blog', name: 'Blog' }, { key: 'docs', name: 'Documentation' }, { key: 'old', name: 'Old' });
  api.settings.site('blog').config = config({ name: 'Blog', recording: false, mask: 'text', retention_days: 90 });
  api.settings.site('docs').config = config({ name: 'Documentation', origins: [] });
  Object.assign(api.settings.site('old'), { config: undefined, error: '`origins` cannot hold "*": an origin must begin with https:// or http://' });
};
const press = (testid, then) => async (page, api) => {
  await page.getByTestId(testid).first().click();
  await shown(then)(page, api);
};

const hooked = (changes = {}) => (api) => {
  const webhook = { url: 'https://hooks.example.com/sentiero', dashboard: 'https://sentiero.example/dashboard/', secret_id: 'aibaeaqcaiba', ...changes };
  api.settings.site('shop').config = config({ webhook });
};
const severalKeys = (api) => {
  api.settings.site('shop').keys = [
    { key: 'shop', enabled: true, made: 0 }, { key: 'q7x2m4k9s3wd', enabled: true, made: 7 }, { key: 'b4nn5ytrw2pe', enabled: false, made: 9 },
  ];
};

export const settingsScreens = (screen) => [
  screen('settings-sites', { hash: SITES, api: several, act: shown('site-row') }),
  screen('settings-sites-empty', { hash: SITES, api: (api) => (api.sites = []), act: shown('no-sites') }),
  screen('settings-loading', { hash: SITES, api: onPath('/api/sites', never), act: shown('loading') }),
  screen('settings-failing', { hash: SITES, api: onPath('/api/sites', () => refusal(500, 'internal', 'Something broke. It was logged.')), act: shown('problem') }),
  screen('settings-forbidden', { hash: SITES, api: onPath('/api/sites', () => refusal(403, 'missing_scope', 'This token lacks the scope `sites`; make one that has it.')), act: shown('problem') }),
  screen('settings-new-site', { hash: SITES, act: press('new-site', 'new-site-dialog') }),
  screen('settings-new-site-wrong', {
    hash: SITES,
    act: async (page) => {
      await press('new-site', 'new-site-dialog')(page);
      await page.getByLabel('Name', { exact: true }).fill('Blog');
      await page.getByLabel('Origins').fill('blog.example/');
      await page.getByTestId('create-site').click();
      await page.locator('.wrong').waitFor();
    },
  }),
  screen('settings-general', { hash: SITE, act: shown('kill-switch'), whole: true }),
  screen('settings-changed', {
    hash: SITE,
    act: async (page) => {
      await page.getByLabel('Name', { exact: true }).fill('Camping and hiking');
      await shown('save-bar')(page);
    },
  }),
  screen('settings-wrong', {
    hash: SITE,
    act: async (page) => {
      await page.getByLabel('Origins').fill('https://shop.example/tents');
      await page.getByTestId('save').click();
      await page.locator('.wrong').waitFor();
    },
  }),
  screen('settings-conflict', {
    hash: SITE,
    act: async (page, api) => {
      await page.getByLabel('Name', { exact: true }).fill('Camping and hiking');
      const theirs = config({ name: 'Camping', retention_days: 14, mask: 'text' });
      Object.assign(api.settings.site('shop'), { revision: 99, config: theirs });
      await page.getByTestId('save').click();
      await shown('site-merged')(page);
    },
  }),
  screen('settings-off', { hash: SITE, api: (api) => (api.settings.site('shop').config.recording = false), act: shown('record-again'), whole: true }),
  screen('settings-invalid', {
    hash: SITE,
    api: (api) => Object.assign(api.settings.site('shop'), { config: undefined, error: '`origins` cannot hold "*": an origin must begin with https:// or http://' }),
    act: shown('site-invalid'),
  }),
  screen('settings-switch', { hash: SITE, act: press('kill-switch', 'switch-dialog') }),
  screen('settings-delete', {
    hash: SITE,
    act: async (page) => {
      await press('delete-site', 'delete-site-dialog')(page);
      await page.getByText('will be gone for good').waitFor();
    },
  }),
  screen('settings-deleted', {
    hash: SITE,
    act: async (page) => {
      await press('delete-site', 'delete-site-dialog')(page);
      await page.getByLabel('Type the site’s key').fill('shop');
      await page.getByTestId('delete-site-confirm').click();
      await shown('site-deleted')(page);
    },
  }),
  screen('settings-leave', {
    hash: SITE,
    act: async (page) => {
      await page.getByLabel('Name', { exact: true }).fill('Camping and hiking');
      await shown('save-bar')(page);
      await page.getByRole('link', { name: 'Audit log' }).click();
      await shown('leave-dialog')(page);
    },
  }),
  screen('settings-install', { hash: `${SITE}/install`, act: async (page) => { await page.getByLabel(/^Errors/).check(); await page.getByLabel('Web vitals').check(); }, whole: true }),
  screen('settings-privacy', { hash: `${SITE}/privacy`, act: shown('preview-row'), whole: true }),
  screen('settings-privacy-changed', {
    hash: `${SITE}/privacy`,
    act: async (page) => {
      await page.getByLabel('Telephone numbers').check();
      await page.getByLabel('Patterns that').fill('ORD-\\d{6}\na+');
      await page.getByLabel('Allowed parameters').check();
      await page.locator('.wrong').waitFor();
    },
    whole: true,
  }),
  screen('settings-limits', { hash: `${SITE}/limits`, act: (page) => page.getByLabel('Days that a session is kept').waitFor(), whole: true }),
  screen('settings-retention', { hash: `${SITE}/limits`, act: press('retention-run', 'retention-dialog') }),
  screen('settings-retention-done', {
    hash: `${SITE}/limits`,
    act: async (page) => {
      await press('retention-run', 'retention-dialog')(page);
      await press('retention-confirm', 'retention-done')(page);
    },
  }),
  screen('settings-keys', { hash: `${SITE}/install`, api: severalKeys, act: shown('key-row'), whole: true }),
  screen('settings-key-disable', { hash: `${SITE}/install`, api: severalKeys, act: press('disable-key', 'key-dialog') }),
  screen('settings-webhook-none', { hash: `${SITE}/webhook`, act: shown('no-deliveries'), whole: true }),
  screen('settings-webhook', { hash: `${SITE}/webhook`, api: hooked(), act: shown('delivery'), whole: true }),
  screen('settings-webhook-unsigned', { hash: `${SITE}/webhook`, api: hooked({ secret_id: undefined }), act: shown('no-secret') }),
  screen('settings-webhook-failing', { hash: `${SITE}/webhook`, api: onPath('/webhook', () => refusal(503, 'unavailable', 'A store did not answer; try again.')), act: shown('problem') }),
  screen('settings-webhook-wrong', {
    hash: `${SITE}/webhook`,
    act: async (page) => {
      await page.getByLabel('Webhook’s address').fill('http://10.0.0.1/');
      await page.getByTestId('save').click();
      await page.locator('.wrong').first().waitFor();
    },
  }),
  screen('settings-webhook-secret', {
    hash: `${SITE}/webhook`,
    api: hooked(),
    act: async (page) => {
      await press('hook-secret', 'hook-secret-dialog')(page);
      await press('make-hook-secret', 'hook-secret-made')(page);
    },
  }),
  screen('settings-sign-out', { hash: '#/settings/tokens', act: press('sign-out-everywhere', 'sign-out-dialog') }),
  screen('settings-usage', { hash: `${SITE}/usage`, api: (api) => (api.settings.masked = { sessions: 3, values: 41, since: 0 }), act: shown('refusal'), whole: true }),
  screen('settings-usage-none', { hash: `${SITE}/usage`, sessions: () => [], api: (api) => (api.settings.counts = []), act: shown('nothing-refused') }),
  screen('settings-erasure', { hash: `${SITE}/erasure`, act: shown('receipt') }),
  screen('settings-erasure-none', { hash: `${SITE}/erasure`, api: (api) => (api.settings.erasures = []), act: shown('no-receipts') }),
  screen('settings-erasure-wrong', {
    hash: `${SITE}/erasure`,
    act: async (page) => {
      await page.getByRole('radio', { name: 'Session ids' }).click();
      await page.getByLabel('Session ids').last().fill('not-an-id');
      await page.getByTestId('count').click();
      await page.locator('.wrong').waitFor();
    },
  }),
  screen('settings-erasure-ask', {
    hash: `${SITE}/erasure`,
    act: async (page) => {
      await page.getByRole('radio', { name: 'A filter' }).click();
      await page.getByLabel('Address of a narrowed list').fill('#/s/shop?country=DE');
      await page.getByTestId('count').click();
      await shown('erasure-dialog')(page);
    },
  }),
  screen('settings-tokens', { hash: '#/settings/tokens', act: shown('token-row') }),
  screen('settings-tokens-empty', { hash: '#/settings/tokens', api: (api) => (api.settings.tokens = []), act: shown('no-tokens') }),
  screen('settings-new-token', {
    hash: '#/settings/tokens',
    api: several,
    act: async (page) => {
      await press('new-token', 'new-token-dialog')(page);
      await page.getByLabel('All sites').uncheck();
      await page.getByTestId('make-token').click();
      await page.locator('.wrong').first().waitFor();
    },
  }),
  screen('settings-token-made', {
    hash: '#/settings/tokens',
    act: async (page) => {
      await press('new-token', 'new-token-dialog')(page);
      await page.getByLabel('Name', { exact: true }).fill('Nightly export');
      await page.getByTestId('make-token').click();
      await shown('token-secret')(page);
    },
  }),
  screen('settings-revoke', { hash: '#/settings/tokens', act: press('revoke', 'revoke-dialog') }),
  screen('settings-audit', { hash: '#/settings/audit/shop', act: shown('audit-entry') }),
  screen('settings-audit-signing-in', { hash: '#/settings/audit', act: shown('audit-entry') }),
  screen('settings-audit-empty', { hash: '#/settings/audit/shop', api: (api) => (api.settings.log = []), act: shown('audit-empty') }),
];
