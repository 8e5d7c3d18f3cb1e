// The stories of a person's day, in Chinese and English at 1440 and 390 pixels, each on a copy of the demo of its own.
// What is asserted is the text that the person reads.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { Person, check, finish, openBrowser, run, serve, sizes, story, tanshu, work } from './browser.mjs';

const PASSWORD = 'a long enough secret';
const demo = path.join(work, 'demo');
run('init', '--data', demo);
run('demo', '--data', demo);
const browser = await openBrowser();

const verify = (file, key) => {
  try {
    return execFileSync(tanshu, ['verify', file, '--key', key], { encoding: 'utf8' });
  } catch (refused) {
    return `${refused.stdout}${refused.stderr}`;
  }
};
const words = (person, zh, en) => (person.lang === 'zh' ? zh : en);
const tap = (person, text) => person.press(person.page.getByText(text, { exact: true }).first());
const follow = (person, selector) => person.press(person.page.locator(selector).first());

async function signIn(server, lang, size, login) {
  const person = await Person.open(browser, server, lang, size, login);
  await person.page.goto(`${server.url}/sign-in`);
  const card = person.page.locator(`form:has(input[name=login][value="${login}"]) .person-card`);
  await person.press(card);
  person.name = login;
  return person;
}

// ---- the energy manager of the real plant ----

async function realPlant(server, lang, size) {
  const person = await signIn(server, lang, size, 'meter.manager');
  await person.sees('real plant: the label is grey and says why', words(person, /灰/, /[Gg]rey/));
  await person.shot('story-real-plant-home');
  await person.go('/enterprise/meters');
  await follow(person, 'main a.row-link');
  const views = await person.page.locator('main ul.tabs a').evaluateAll((all) => all.map((a) => a.getAttribute('href')));
  check(`${person.tag}: real plant: the load has views by day, month and year`, views.length >= 3, views.join(' '));
  for (const view of views.filter((each) => each.includes('/enterprise/meters/'))) {
    await person.go(view);
    const drawn = await person.page.locator('main svg path, main svg rect, main svg polyline').count();
    check(`${person.tag}: real plant: a chart is drawn by ${new URL(view, server.url).searchParams.get('view') ?? 'default'}`,
      drawn > 5 && /kWh/.test(await person.text()), `${drawn} shapes at ${view}`);
  }
  await person.shot('story-real-plant-load');
  await person.go('/enterprise/report?year=2018');
  await person.sees('real plant: nothing is made up: output, fuels and revenue are asked for',
    words(person, /产量|产品/, /[Oo]utput|[Pp]roduct/), words(person, /燃料/, /[Ff]uel/), words(person, /营业收入|收入/, /[Rr]evenue/));
  await person.shot('story-real-plant-label');
  const listed = JSON.parse(run('explain', '--data', server.data, '--org', 'uci:851', '--year', '2018', '--format', 'json'));
  const posting = (Array.isArray(listed) ? listed : listed.rows).find((row) => /electricity/.test(row.output)).posting;
  await person.go(`/enterprise/explain/${posting}`);
  await person.sees('real plant: a figure is explained down to the factor row', /grid\.csv|电网|[Gg]rid/, /MWh|kWh/, 't CO2');
  await person.shot('story-real-plant-explain');
  await person.close('real plant');
}

// ---- the energy manager of the invented mill ----

async function mill(server, lang, size) {
  const person = await signIn(server, lang, size, 'steel.manager');
  await person.sees('mill: every page says that it is an example', words(person, '示例', 'Example'));
  await person.shot('story-mill-home');
  await person.go('/enterprise/account?year=2024');
  await person.sees('mill: energy in tce and carbon on both bases', 'tce', words(person, '履约', /[Cc]ompliance/),
    words(person, /全口径|全部/, /[Ff]ull/), words(person, '示例', 'Example'));
  await person.shot('story-mill-account');

  await person.go('/enterprise/data');
  const table = path.join(work, `june-${lang}-${size}.csv`);
  fs.writeFileSync(table, 'period,input,key,value,unit\n2026-06,burnt,diesel,81.5,t\n2026-06,burnt,coke,12,kWh\n'
    + '2026-06,electricity_purchased,,3250.5,万kWh\n');
  await person.page.locator('input[type=file][name=file]').setInputFiles(table);
  await person.press(person.page.locator('form[action="/enterprise/data/upload"] button[type=submit]'));
  await person.sees('mill: two values are accepted, one row is refused with its place and the fix', 'D3', 'kWh',
/\b2\b/, /\b1\b/);
  await person.shot('story-mill-upload');

  await person.go('/enterprise/attachments');
  const bill = path.join(work, 'bill.pdf');
  fs.writeFileSync(bill, '%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n');
  await person.page.locator('main input[type=file]').first().setInputFiles(bill);
  const form = person.page.locator('main form:has(input[type=file])').first();
  for (const box of await form.locator('input[required]:not([type=file]), textarea[required]').all())
    if ((await box.inputValue()) === '') await box.fill((await box.getAttribute('type')) === 'date' ? '2026-06-30' : '2026-06');
  await person.press(form.locator('button[type=submit]').first());
  await person.sees('mill: the bill is kept', 'bill.pdf');

  await person.go('/enterprise/report?year=2025');
  await person.sees('mill: label, grade, confidence and the reason of every point', words(person, /黄|绿|红/, /[Yy]ellow|[Gg]reen|[Rr]ed/),
    /\b(AAA|AA|A|BBB|BB|B|C)\b/, words(person, '置信度', /[Cc]onfidence/), words(person, /提升|提高|改善/, /improve/));
  await person.shot('story-mill-label');

  await person.go('/enterprise/report/documents');
  await person.page.locator('form[action="/enterprise/report/documents"] select[name=language]').selectOption(lang);
  await person.page.locator('form[action="/enterprise/report/documents"] select[name=year]').selectOption('2025');
  await person.press(person.page.locator('form[action="/enterprise/report/documents"] button[type=submit]'));
  const pdf = await person.download(person.page.locator('main a[href^="/enterprise/report/documents/"]').first());
  const said = verify(pdf, `${server.data}/keys/log.pub`);
  check(`${person.tag}: mill: the downloaded report verifies with the published key`, said.includes('YES'), said);
  const text = execFileSync('pdftotext', ['-layout', pdf, '-'], { encoding: 'utf8' });
  check(`${person.tag}: mill: the report speaks the language that was asked for and is marked as an example`,
    lang === 'zh' ? text.includes('碳') && text.includes('示例') : /[Cc]reditworthiness/.test(text) && /EXAMPLE|[Ee]xample/.test(text),
    text.slice(0, 800));
  await person.shot('story-mill-report');
  await person.close('mill');
  return pdf;
}

async function finding(server, lang, size) {
  const listed = ['foundry', 'chemicals', 'machinery', 'ceramics', 'cement', 'power', 'steel'];
  for (const who of listed) {
    const person = await signIn(server, lang, size, `${who}.manager`);
    await person.go('/enterprise/findings');
    const open = person.page.locator('main a.row-link[href^="/enterprise/findings/"]');
    for (const link of await open.evaluateAll((all) => all.map((a) => a.getAttribute('href')))) {
      await person.go(link);
      const note = person.page.locator('form textarea#note');
      if ((await note.count()) === 0) continue;
      await note.fill('检修停产，见附件。 Shut down for repair.');
      await person.press(person.page.locator('form:has(textarea#note) button[type=submit]').first());
      await person.sees('a finding is answered and the answer stays readable', 'Shut down for repair.');
      await person.shot('story-finding');
      await person.close('finding');
      return;
    }
    await person.context.close();
  }
  check(`${lang}: an enterprise of the demo has a finding to answer`, false, listed.join(' '));
}

// ---- a new enterprise, in a directory without any demo ----

function creditCode(serial) {
  const body = `TE${String(serial).padStart(6, '0')}`;
  const value = (c) => parseInt(c, 36);
  const rest = 11 - [...body].reduce((sum, c, i) => sum + value(c) * [3, 7, 9, 10, 5, 8, 4, 2][i], 0) % 11;
  const code = `91130200${body}${rest === 10 ? 'X' : rest === 11 ? '0' : rest}`;
  const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY';
  let weight = 1;
  let total = 0;
  for (const c of code) {
    total += alphabet.indexOf(c) * weight;
    weight = (weight * 3) % 31;
  }
  return code + alphabet[(31 - total % 31) % 31];
}

// A table as a plant keeps it: its own columns, Chinese names, a unit in brackets.
const OWN_TABLE = ['月份,柴油消耗(吨),外购电量(万kWh),外购热力(GJ)',
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map((m) => `2025-${String(m).padStart(2, '0')},${40 + m},${120 + m},${900 + 10 * m}`)];

async function newcomer(server, lang, size) {
  const person = await Person.open(browser, server, lang, size, 'newcomer');
  await person.go('/sign-up');
  const fill = (name, value) => person.page.locator(`main [name=${name}]`).fill(value);
  const facts = { name: '新兴机械厂', name_en: 'New Machine Works', credit_code: creditCode(77), industry: '3441', division: '130200',
    founded: '2012-03-01', person: '林青', login: 'new.manager', password: PASSWORD, again: PASSWORD };
  for (const [name, value] of Object.entries(facts)) await fill(name, value);
  await fill('credit_code', `${facts.credit_code.slice(0, 17)}${facts.credit_code[17] === '0' ? '1' : '0'}`);
  await person.page.locator('main form[action="/sign-up"] button[type=submit]').click();
  await person.page.waitForLoadState('load');
  await person.sees('newcomer: a wrong check digit is named with its place', '18');
  await fill('credit_code', facts.credit_code);
  for (const name of ['password', 'again']) await fill(name, PASSWORD);
  await person.press(person.page.locator('main form[action="/sign-up"] button[type=submit]'));
  await person.sees('newcomer: signed up and at home', words(person, '新兴机械厂', /New Machine Works|新兴机械厂/));
  await person.shot('story-newcomer-home');

  await person.go('/enterprise/data?year=2025');
  const template = await person.download(person.page.locator('main a[href*="/enterprise/data/template"]').first());
  check(`${person.tag}: newcomer: the template of the method is a workbook`,
    fs.readFileSync(template).subarray(0, 2).toString() === 'PK', template);
  const own = path.join(work, `own-${lang}-${size}.csv`);
  fs.writeFileSync(own, `${OWN_TABLE.join('\n')}\n`);
  await person.page.locator('input[type=file][name=file]').setInputFiles(own);
  await person.press(person.page.locator('form[action="/enterprise/data/upload"] button[type=submit]'));
  await person.shot('story-newcomer-mapping');
  await person.sees('newcomer: a table nobody has seen before asks what its columns mean', '柴油消耗(吨)', '外购电量(万kWh)');
  const mapping = { B: [/^(Fuel burnt|化石燃料净消耗量).*(Diesel|柴油)/i, 't'],
    C: [/^(Purchased electricity|购入电量)/, '万kWh'], D: [/^(Purchased heat|购入热量)/, 'GJ'] };
  for (const [letter, [wanted, unit]] of Object.entries(mapping)) {
    const row = person.page.locator('main form tbody tr', { has: person.page.locator(`th.code:text-is("${letter}")`) });
    const [item, itsUnit] = [row.locator('input[list], select').first(), row.locator('input[name^=unit]').first()];
    const list = await item.getAttribute('list');
    if (list) {
      const offers = await person.page.locator(`datalist#${list} option`).evaluateAll((all) => all.map((o) => o.value));
      await item.fill(offers.find((offer) => wanted.test(offer)) ?? '');
    }
    if (await itsUnit.count()) await itsUnit.fill(unit);
  }
  await person.press(person.page.locator('main form button[name=action][value=import]'));
  await person.shot('story-newcomer-uploaded');
  await person.sees('newcomer: all 36 values are accepted', /\b36\b/);

  await person.go('/enterprise/people');
  const add = person.page.locator('main form[action="/enterprise/people"]').first();
  await add.locator('[name=login]').fill('new.approver');
  for (const box of await add.locator('input[type=password]').all()) await box.fill(PASSWORD);
  await add.locator('input[name=name], input[name=person]').first().fill('高原');
  const role = add.locator('select[name=role]');
  if (await role.count()) await role.selectOption('enterprise_approver');
  else await add.locator('input[name=role][value=enterprise_approver]').check();
  await person.press(add.locator('button[type=submit]').first());
  await person.sees('newcomer: a second person is there', '高原');

  const second = await Person.open(browser, server, lang, size, 'new.approver');
  await second.signIn('new.approver', PASSWORD);
  await second.go('/enterprise/account/drafts?year=2025');
  await second.press(second.page.locator('form[action="/enterprise/account/approve"] button[type=submit]').first());
  await second.go('/enterprise/account?year=2025');
  await second.sees('newcomer: after the second person the account stands', 'tce', 'CO2');
  await second.shot('story-newcomer-account');
  await second.close('newcomer, the second person');

  await person.go('/enterprise/report?year=2025');
  await person.sees('newcomer: a label, though grey, with what is missing', words(person, /灰/, /[Gg]rey/));
  await person.go('/enterprise/report/documents');
  await person.page.locator('form[action="/enterprise/report/documents"] select[name=year]').selectOption('2025');
  await person.press(person.page.locator('form[action="/enterprise/report/documents"] button[type=submit]'));
  const pdf = await person.download(person.page.locator('main a[href^="/enterprise/report/documents/"]').first());
  check(`${person.tag}: newcomer: the report verifies`, verify(pdf, `${server.data}/keys/log.pub`).includes('YES'), pdf);
  await person.go('/enterprise/finance?year=2025');
  await person.sees('newcomer: offers, each with what is met and what is not', words(person, /贷/, /[Ll]oan/));
  await person.shot('story-newcomer-offers');
  await person.close('newcomer');
}

// ---- the bank ----

async function bank(server, lang, size) {
  const officer = await signIn(server, lang, size, 'bank.officer');
  await officer.shot('story-bank-home');
  await officer.go('/bank/enterprises');
  await officer.sees('bank: enterprises of the monitoring register by name', words(officer, /示例/, /[Ee]xample|示例/));
  await officer.shot('story-bank-register');
  const orgs = await officer.page.locator('main a[href^="/bank/enterprises/"]').evaluateAll((all) =>
    [...new Set(all.map((a) => new URL(a.href).pathname).filter((p) => /^\/bank\/enterprises\/[0-9a-z]{13}$/.test(p)))]);
  let opened = null;
  let closed = null;
  for (const org of orgs) {
    const status = (await officer.page.goto(`${server.url}${org}/offers`)).status();
    if (status === 200 && (await officer.page.locator('main a[href*="/case"]').count())) opened ??= org;
    if (status >= 400) closed ??= org;
  }
  check(`${officer.tag}: bank: without a letter of authorisation the figures stay closed`, closed !== null, orgs.join(' '));
  if (closed) {
    await officer.go(`${closed}/authorisation`);
    await officer.page.locator('main input[type=radio][name=purpose]').first().check();
    for (const box of await officer.page.locator('main input[type=checkbox][name^=scope]').all()) await box.check();
    await officer.press(officer.page.locator('main button[name=step][value=preview]'));
    await officer.press(officer.page.locator('main button[name=step][value=send]'));
    await officer.go('/bank/authorisations');
    await officer.sees('bank: the request waits for the enterprise', words(officer, /待|等|请求|申请/, /[Rr]equest|[Ww]ait/));
    await officer.shot('story-bank-authorisations');
  }
  check(`${officer.tag}: bank: an enterprise that granted its letter has an offer to open a case on`, opened !== null, orgs.join(' '));
  if (!opened) return;
  await officer.go(`${opened}/offers`);
  await officer.sees('bank: amount, price by parts, use of funds and the green-catalogue item',
    words(officer, /LPR|贷款市场报价利率/, /LPR|[Ll]oan prime rate/),
    words(officer, /用途/, /[Uu]se of funds/), words(officer, /绿色/, /[Gg]reen/));
  await officer.shot('story-bank-offers');
  await follow(officer, 'main a.btn-primary[href*="/case"]');
  await officer.page.locator('main [name=purpose]').fill('节能改造 energy saving retrofit');
  const amount = officer.page.locator('main [name=amount]');
  if ((await amount.inputValue()) === '') await amount.fill('1000000');
  await officer.press(officer.page.locator('main form button[type=submit]').first());
  await officer.sees('bank: the case is open', 'energy saving retrofit');
  const the_case = new URL(officer.page.url()).pathname;
  await officer.shot('story-bank-case');

  // Each turn the next person who may act takes the step that leads on; two people approve.
  const team = [officer];
  for (const login of ['bank.reviewer', 'bank.approver', 'bank.approver2']) team.push(await signIn(server, lang, size, login));
  const taken = [];
  for (let turn = 0; turn < 12; turn++) {
    let moved = false;
    for (const person of team) {
      await person.go(the_case);
      const step = person.page.locator('main form:has([name=step]) button[name=transition].btn-primary').first();
      if ((await step.count()) === 0) continue;
      const title = await step.innerText();
      if (/reject|withdraw|return|退|拒|撤/i.test(title)) continue;
      await person.page.locator('main textarea[name=note]').fill(`${person.name} looked at it`);
      await person.press(step);
      taken.push(`${person.name}: ${title}`);
      moved = true;
      break;
    }
    if (!moved) break;
  }
  await officer.go(the_case);
  const people = new Set(taken.map((each) => each.split(':')[0]));
  check(`${officer.tag}: bank: the case goes through investigation, review and approval by several people`,
    taken.length >= 3 && people.size >= 3, taken.join('\n'));
  console.log(`# ${officer.tag}: ${taken.join(' | ')}`);
  const summary = officer.page.locator(`main form[action$="/summary"] button[value=${lang}]`);
  if (check(`${officer.tag}: bank: a summary can be filed`, (await summary.count()) === 1)) {
    const pdf = await officer.download(summary);
    const pages = execFileSync('pdfinfo', [pdf], { encoding: 'utf8' });
    check(`${officer.tag}: bank: the summary has two pages and verifies`, /Pages:\s+2\b/.test(pages)
      && verify(pdf, `${server.data}/keys/log.pub`).includes('YES'), pages);
  }
  await officer.shot('story-bank-case-done');
  for (const person of team) await person.close(`bank, ${person.name}`);
}

// ---- a letter of authorisation: asked for, signed, used, seen, withdrawn ----

async function letter(server, lang, size) {
  const officer = await signIn(server, lang, size, 'bank.officer');
  const manager = await signIn(server, lang, size, 'machinery.manager');
  await officer.go('/bank/enterprises');
  const row = officer.page.locator('main tr', { hasText: /机械|Machinery|Machine/ }).locator('a[href^="/bank/enterprises/"]').first();
  const org = new URL(await row.evaluate((a) => a.href)).pathname.split('/').slice(0, 4).join('/');
  const before = await officer.page.goto(`${server.url}${org}/offers`);
  check(`${officer.tag}: letter: before it the account is closed`, before.status() === 403, `${before.status()} ${org}`);
  await officer.go(`${org}/authorisation`);
  await officer.page.locator('main input[type=radio][name=purpose]').first().check();
  for (const box of await officer.page.locator('main input[type=checkbox][name^=scope]').all()) await box.check();
  await officer.press(officer.page.locator('main button[name=step][value=preview]'));
  await officer.sees('letter: both sides read its words before it is sent', words(officer, /授权/, /authoris/i));
  await officer.press(officer.page.locator('main button[name=step][value=send]'));

  await manager.go('/enterprise/authorisations');
  await manager.shot('story-letter-list');
  await follow(manager, 'main tr:has(a.btn) a.row-link');
  const its = new URL(manager.page.url()).pathname;
  const grant = manager.page.locator('form:has(input[name=to][value=granted])');
  await grant.locator('input[name=read]').check();
  await manager.shot('story-letter');
  await manager.press(grant.locator('button[type=submit]'));
  await officer.go(org);
  await officer.sees('letter: once signed the bank reads the account', 'CO2', 'tce');
  await officer.shot('story-letter-account');
  await manager.go('/enterprise/looks');
  await manager.sees('letter: the enterprise sees who looked, for what purpose', words(manager, /长治绿色银行|绿色银行/, /[Bb]ank|银行/), '杨帆');
  await manager.shot('story-letter-looks');
  await manager.go(its);
  const withdraw = manager.page.locator('form:has(input[name=to][value=withdrawn])');
  await withdraw.locator('input[name=note]').fill('另一家银行');
  await manager.press(withdraw.locator('button[type=submit]'));
  await manager.sees('letter: its history tells who withdrew it and why', '另一家银行');
  const after = await officer.page.goto(`${server.url}${org}/offers`);
  check(`${officer.tag}: letter: once withdrawn the account is closed again`, after.status() === 403, after.status());
  for (const person of [officer, manager]) await person.close(`letter, ${person.name}`);
}

// ---- the authority ----

async function authority(server, lang, size) {
  const person = await signIn(server, lang, size, 'authority');
  await person.sees('authority: coverage of the register', /\d/, words(person, /名单|名录|监测/, /register/));
  await person.shot('story-authority-home');
  await person.go('/authority/register');
  await person.sees('authority: enterprises of its division', words(person, '示例', /Example|示例/));
  await person.go('/authority/filing');
  await person.sees('authority: who has filed and who has not', words(person, /报送|填报/, /[Ff]iled/));
  await follow(person, 'main a[href^="/authority/filing/remind"]');
  await person.shot('story-authority-remind');
  await person.press(person.page.locator('form[action^="/authority/filing/remind"] button[type=submit]').first());
  await person.sees('authority: the reminder is kept with its day', words(person, /提醒|催报/, /[Rr]emind/));
  await person.shot('story-authority-filing');
  for (const by of ['industry', 'division']) {
    await person.go(`/authority/statistics?by=${by}&set=examples&year=2025`);
    await person.sees(`authority: small cells are suppressed by ${by}`, words(person, /不公布|隐去|抑制|不显示|保密|少于/, /[Ss]uppress|withheld|fewer than|not shown/));
    await person.shot(`story-authority-${by}`);
  }
  const workbook = await person.download(person.page.locator('main a[href*="/authority/statistics/export"]').first());
  check(`${person.tag}: authority: the table leaves as a workbook`, fs.readFileSync(workbook).subarray(0, 2).toString() === 'PK', workbook);
  await person.close('authority');
}

// ---- anyone ----

async function anyone(server, lang, size) {
  const person = await Person.open(browser, server, lang, size, 'anyone');
  const file = path.join(work, `anyone-${lang}-${size}.pdf`);
  run('report', '--data', server.data, '--org', '91140400MA0TC00254', '--year', '2025', '--output', file, '--lang', lang);
  const ask = async (name, bytes) => {
    await person.go('/verify');
    const given = path.join(work, name);
    fs.writeFileSync(given, bytes);
    await person.page.locator('input[type=file][name=report]').setInputFiles(given);
    await person.press(person.page.locator('form[action="/verify"] button[type=submit]'));
    await person.shot(`story-anyone-${name.replace('.pdf', '')}`);
    return (await person.page.locator('main h2').allInnerTexts()).join(' | ');
  };
  const bytes = fs.readFileSync(file);
  const said = await ask('true.pdf', bytes);
  check(`${person.tag}: anyone: a report that was issued here gets a yes`, words(person, /^是/, /^Yes/).test(said), said);
  await person.sees('anyone: the yes names the day of the checkpoint', /20\d\d-\d\d-\d\d/);
  const changed = Buffer.from(bytes);
  changed[changed.length >> 1] ^= 1;
  const no = await ask('changed.pdf', changed);
  check(`${person.tag}: anyone: one changed bit gets a no`, words(person, /^否/, /^No/).test(no), no);
  const junk = await ask('junk.pdf', Buffer.from('not a report'));
  check(`${person.tag}: anyone: what is no report gets a no`, words(person, /^否/, /^No/).test(junk), junk);
  await person.close('anyone');
}

// ---- all of it ----

const only = process.env.TANSHU_STORY;
for (const lang of ['zh', 'en']) {
  for (const size of Object.keys(sizes)) {
    const data = path.join(work, `demo-${lang}-${size}`);
    fs.cpSync(demo, data, { recursive: true });
    const server = Object.assign(await serve(data), { data });
    const bare = path.join(work, `bare-${lang}-${size}`);
    run('init', '--data', bare);
    const empty = Object.assign(await serve(bare), { data: bare });
    const stories = { realPlant, mill, finding, bank, letter, authority, anyone };
    for (const [name, steps] of Object.entries(stories))
      if (!only || only === name) await story(`${lang} ${sizes[size].width}: ${name}`, () => steps(server, lang, size));
    if (!only || only === 'newcomer')
      await story(`${lang} ${sizes[size].width}: newcomer`, () => newcomer(empty, lang, size));
    await server.close();
    await empty.close();
  }
}
await browser.close();
await finish();
