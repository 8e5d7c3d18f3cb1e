// Shared by the browser tests: the real program on a data directory of its own, the installed Chromium driven by
// playwright-core, TAP output. Every page that is opened is held against what holds everywhere: no error on the
// console (a breach of the content security policy is one), no horizontal scrolling, the right language.
import { execFileSync, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const where = process.env.TANSHU_BROWSER_DRIVER || path.join(import.meta.dirname ?? '.', 'node_modules');
const require = createRequire(path.join(where, 'here.js'));
export const { chromium } = require('playwright-core');

export const source = process.env.TANSHU_SOURCE;
export const tanshu = process.env.TANSHU || path.join(source, 'build/src/cli/tanshu');
export const shots = process.env.TANSHU_SHOTS || path.join(os.tmpdir(), 'tanshu-shots');
export const work = fs.mkdtempSync(path.join(os.tmpdir(), 'tanshu-browser-'));
export const sizes = { wide: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
const children = [];
let count = 0;
let failed = 0;

process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  fs.rmSync(work, { recursive: true, force: true });
});

// ---- TAP ----

export function check(name, truth, detail = '') {
  count++;
  if (!truth) failed++;
  console.log(`${truth ? 'ok' : 'not ok'} ${count} - ${name.replaceAll('#', '')}`);
  if (!truth) for (const line of String(detail).split('\n').slice(0, 30)) console.log(`#   ${line}`);
  return truth;
}

// One story: what it could not do is one failed line that says where it stood.
export async function story(name, steps) {
  try {
    await steps();
  } catch (problem) {
    check(`${name}: to the end`, false, problem.stack ?? problem);
    return;
  }
  check(`${name}: to the end`, true);
}

export async function finish(...closing) {
  for (const each of closing) await each.close?.();
  console.log(`1..${count}`);
  process.exit(failed || !count ? 1 : 0);
}

// ---- the program ----

export const run = (...words) => execFileSync(tanshu, words, { encoding: 'utf8', maxBuffer: 1 << 26,
  env: { ...process.env, TANSHU_LANG: 'en' }, stdio: ['pipe', 'pipe', 'pipe'] });

export async function serve(data) {
  const child = spawn(tanshu, ['serve', '--data', data, '--port', '0', '--quiet'],
    { env: { ...process.env, TANSHU_LANG: 'en' }, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let said = '';
  child.stderr.on('data', (text) => { said += text; });
  const port = await new Promise((resolve, reject) => {
    child.stdout.on('data', (text) => {
      const found = /:(\d+)\s*$/.exec(String(text));
      if (found) resolve(Number(found[1]));
    });
    child.on('exit', (code) => reject(new Error(`serve ended with ${code}: ${said}`)));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    said: () => said,
    close: () => new Promise((resolve) => {
      child.removeAllListeners('exit');
      child.on('exit', (code, signal) => { check('the server ends in order', code === 0, `${code} ${signal} ${said}`); resolve(); });
      child.kill('SIGTERM');
    }),
  };
}

// ---- pages ----

export const openBrowser = () => chromium.launch({
  executablePath: process.env.TANSHU_CHROMIUM || '/usr/bin/chromium', headless: true,
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--no-first-run'],
});

const fits = () => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth + 1) return '';
  const wide = [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > root.clientWidth + 1)
    .slice(-3).map((e) => `${e.tagName.toLowerCase()}.${e.className}`);
  return `scrolls sideways: ${root.scrollWidth} > ${root.clientWidth} (${wide.join(', ')})`;
};

// What a person with a screen reader or a keyboard stumbles over, as far as a page's tree tells.
const stumbles = () => {
  const said = new Set();
  const shown = (e) => e.getClientRects().length > 0;
  const name = (e) => (e.getAttribute('aria-label') || e.getAttribute('title') || e.textContent || e.value || '').trim();
  for (const e of document.querySelectorAll('input:not([type=hidden]), select, textarea'))
    if (!e.labels?.length && !e.getAttribute('aria-label') && !e.getAttribute('aria-labelledby')) said.add(`no label: ${e.tagName} ${e.name}`);
  let last = 0;
  for (const h of document.querySelectorAll('h1, h2, h3, h4')) {
    if (!shown(h)) continue;
    const level = Number(h.tagName[1]);
    if (level > last + 1) said.add(`h${level} follows h${last}: ${h.textContent.slice(0, 40)}`);
    last = level;
  }
  if (document.querySelectorAll('h1').length !== 1) said.add(`${document.querySelectorAll('h1').length} h1`);
  for (const e of document.querySelectorAll('img:not([alt])')) said.add(`no alt: ${e.getAttribute('src')}`);
  for (const e of document.querySelectorAll('svg'))
    if (!e.closest('[aria-hidden=true]') && e.getAttribute('role') !== 'img' && !e.querySelector('title')) said.add(`a drawing without a name: ${e.outerHTML.slice(0, 80)}`);
  for (const e of document.querySelectorAll('a[href], button, summary')) if (!name(e)) said.add(`no name: ${e.outerHTML.slice(0, 80)}`);
  for (const e of document.querySelectorAll('label[for]')) if (!document.getElementById(e.htmlFor)) said.add(`a label for nothing: ${e.htmlFor}`);
  const ids = new Set();
  for (const e of document.querySelectorAll('[id]')) {
    if (ids.has(e.id)) said.add(`id twice: ${e.id}`);
    ids.add(e.id);
  }
  return [...said];
};

// Text whose contrast with what lies under it is below WCAG's 4.5 (large text 3).
const faint = () => {
  const said = {};
  const light = (rgb) => rgb.map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const parts = (text) => text.match(/[\d.]+/g).map(Number);
  for (const e of document.querySelectorAll('body *')) {
    if (![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()) || e.closest('svg, option, datalist, .disabled, [disabled]')) continue;
    if (!e.getBoundingClientRect().width) continue;
    let under = [255, 255, 255];
    for (let p = e; p; p = p.parentElement) {
      const colour = parts(getComputedStyle(p).backgroundColor);
      if ((colour[3] ?? 1) < 0.9) continue;
      under = colour.slice(0, 3);
      break;
    }
    const style = getComputedStyle(e);
    const [high, low] = [light(parts(style.color).slice(0, 3)), light(under)].sort((a, b) => b - a);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 600);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < (large ? 3 : 4.5)) said[`${e.tagName.toLowerCase()}.${e.className}`] = `${ratio.toFixed(2)} "${e.textContent.trim().slice(0, 20)}"`;
  }
  return Object.entries(said).map(([where, what]) => `faint ${where} ${what}`);
};

// One person in one language at one size. `troubles` collects what is wrong with the pages that were opened.
export class Person {
  static async open(browser, server, lang, size, name = '', more = {}) {
    const person = new Person();
    Object.assign(person, { server, lang, size, name, troubles: [], tag: `${lang} ${sizes[size].width}` });
    // Smooth scrolling of a busy machine moves a button away from under the click.
    person.context = await browser.newContext({ viewport: sizes[size], reducedMotion: 'reduce', locale: lang === 'zh' ? 'zh-CN' : 'en-GB',
      acceptDownloads: true, timezoneId: 'Asia/Shanghai', ...more });
    person.context.setDefaultTimeout(30000);
    person.page = await person.context.newPage();
    person.page.on('console', (message) => {
      if (message.type() === 'error' && !/status of 4\d\d/.test(message.text()))
        person.troubles.push(`${person.page.url()}: console: ${message.text()}`);
    });
    person.page.on('pageerror', (error) => person.troubles.push(`${person.page.url()}: script: ${error.message}`));
    await person.page.goto(`${server.url}/language/${lang}`);
    return person;
  }

  async go(where) {
    const answer = await this.page.goto(this.server.url + where);
    await this.look(answer?.status() ?? 0);
    return answer;
  }

  async resize(size) {
    this.size = size;
    await this.page.setViewportSize(sizes[size]);
  }

  // What holds on every page.
  async look(status = 200) {
    const { page } = this;
    const at = new URL(page.url()).pathname;
    if (status >= 400) this.troubles.push(`${at}: status ${status}`);
    const over = await page.evaluate(fits);
    if (over) this.troubles.push(`${at} at ${sizes[this.size].width}: ${over}`);
    const lang = await page.evaluate(() => document.documentElement.lang);
    if (!lang.startsWith(this.lang)) this.troubles.push(`${at}: the page says lang="${lang}"`);
    for (const one of await page.evaluate(stumbles)) this.troubles.push(`${at}: ${one}`);
    const title = (await page.locator('h1').allInnerTexts()).join(' ');
    if (title.trim() === '') this.troubles.push(`${at}: no title`);
    if (this.lang === 'zh' && !/[\u4e00-\u9fff]|\.(csv|xlsx|pdf|model)$/.test(title)) this.troubles.push(`${at}: the title "${title}" is not Chinese`);
  }

  // Every text of the page stands out from its ground.
  async reads() {
    const at = new URL(this.page.url()).pathname;
    for (const one of await this.page.evaluate(faint)) this.troubles.push(`${at}: ${one}`);
  }

  // Text that a reader sees in the main part; innerText leaves out what is hidden.
  async text(selector = 'main') {
    return (await this.page.locator(selector).first().innerText()).replace(/\s+/g, ' ');
  }

  async sees(what, ...wanted) {
    const text = await this.text('body');
    const lacking = wanted.filter((word) => (word instanceof RegExp ? !word.test(text) : !text.includes(word)));
    return check(`${this.tag}: ${what}`, lacking.length === 0, `lacking ${lacking.join(' | ')} in ${text.slice(0, 1500)}`);
  }

  async signIn(login, password) {
    await this.page.goto(`${this.server.url}/sign-in`);
    await this.page.locator('.entry-form [name=login]').fill(login);
    await this.page.locator('.entry-form [name=password]').fill(password);
    await this.page.locator('.entry-form button[type=submit]').click();
    await this.page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
    this.name = login;
    await this.look();
  }

  async press(locator) {
    await Promise.all([this.page.waitForEvent('load'), locator.click()]);
    await this.look();
  }

  async download(locator) {
    const [file] = await Promise.all([this.page.waitForEvent('download'), locator.click()]);
    const to = path.join(work, `${Date.now()}-${file.suggestedFilename()}`);
    await file.saveAs(to);
    return to;
  }

  async shot(name) {
    fs.mkdirSync(shots, { recursive: true });
    await this.page.screenshot({ path: path.join(shots, `${name}-${this.lang}-${sizes[this.size].width}.jpg`), type: 'jpeg', quality: 60, fullPage: true });
  }

  // Closes with one line for all that holds everywhere.
  async close(what) {
    const troubles = [...new Set(this.troubles)];
    check(`${this.lang}: ${what}: no error, no sideways scrolling, the right language on every page`,
      troubles.length === 0, troubles.join('\n'));
    await this.context.close();
  }
}
