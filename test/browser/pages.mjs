// Every page that a person can reach from the home of each role, in both languages and sizes: it answers, fits the
// screen, speaks the language, and breaks no rule of the content security policy.
import path from 'node:path';
import { Person, check, finish, openBrowser, run, serve, sizes, work } from './browser.mjs';

// The first is nobody. $TANSHU_PEOPLE names some of them, to look at one portal only.
const PEOPLE = process.env.TANSHU_PEOPLE?.split(',') ?? ['', 'steel.manager', 'meter.manager', 'steel.approver',
  'bank.officer', 'bank.approver', 'authority', 'verifier', 'operator'];
const PAGES_MAX = 60;

const data = path.join(work, 'demo');
run('init', '--data', data);
run('demo', '--data', data);
const server = await serve(data);
const browser = await openBrowser();
const first = await Person.open(browser, server, 'en', 'wide');
await first.page.goto(`${server.url}/sign-in`);
const password = await first.page.locator('form .person-card').first()
  .evaluate((button) => button.form.elements.password.value);
await first.context.close();

// /bank/cases/0ake1h21cf800?year=2024 → /bank/cases/{}?year
function pattern(url) {
  const library = /^\/(methods|tables)\/[^?]*?(\/(?:file|case|template))?$/.exec(url.pathname); // one of each is enough
  if (library) return `/${library[1]}/{}${library[2] ?? ''}?${url.search ? '?' : ''}`;
  const parts = url.pathname.replace(/(\/explain\/[^/]+\/)[^/]+\/.*/, '$1{}').split('/').map((part) => (/^[0-9a-z]{13}$|\d/.test(part) ? '{}' : part));
  return `${parts.join('/')}?${[...url.searchParams.keys()].sort().join('&')}`;
}

async function walk(login, lang) {
  const person = await Person.open(browser, server, lang, 'wide', login || 'nobody');
  const seen = new Set();
  let queue = ['/', '/sign-in', '/sign-up', '/verify', '/log', '/style'];
  if (login) {
    await person.signIn(login, password);
    queue = [new URL(person.page.url()).pathname, '/notices', ...queue.slice(3)];
  }
  let pages = 0;
  while (queue.length && pages < PAGES_MAX) {
    const next = queue.shift();
    const kind = pattern(new URL(next, server.url));
    if (seen.has(kind) || /^\/(language|theme|assets)\//.test(next)) continue;
    seen.add(kind);
    let answer;
    try {
      answer = await person.page.goto(server.url + next, { waitUntil: 'load' });
    } catch (problem) {
      if (!/Download is starting|ERR_ABORTED/.test(problem.message)) person.troubles.push(`${next}: ${problem.message}`);
      continue; // a file to keep, not a page
    }
    if (!(answer.headers()['content-type'] ?? '').startsWith('text/html')) continue;
    pages++;
    for (const size of Object.keys(sizes)) {
      await person.resize(size);
      await person.look(answer.status());
      if (size === 'wide') await person.reads();
      await person.shot(`${login || 'nobody'}${kind.replace(/\?$/, '').replace(/[^a-z0-9-]+/g, '_')}`);
    }
    const links = await person.page.locator('a[href]').evaluateAll((all) => all.map((a) => a.getAttribute('href')));
    for (const link of links) {
      if (!link || link.startsWith('#')) continue;
      const url = new URL(link, person.page.url());
      if (url.origin === server.url) queue.push(url.pathname + url.search);
    }
  }
  check(`${lang}: ${person.name}: ${login ? 'at least three pages' : 'the public pages'} can be reached`,
    pages >= 3, `${pages} pages: ${[...seen.keys()].join(' ')}`);
  console.log(`# ${lang}: ${person.name}: ${pages} pages`);
  await person.close(person.name);
}

for (const login of PEOPLE)
  for (const lang of ['zh', 'en']) await walk(login, lang);
await browser.close();
await finish(server);
