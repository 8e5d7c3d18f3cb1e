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
  const mapping = { B: [/^(Fuel burnt|化石燃料净?消耗量).*(Diesel|柴油)/i, 't'],
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

  // Who chose the password can't be approved by it: the operator gives another.
  execFileSync(tanshu, ['user', 'password', '--data', server.data, '--org', facts.credit_code, '--as', 'new.approver'],
    { input: `${PASSWORD}\n` });
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

// ---- a posted run is reversed with a reason; a method is chosen with one ----

async function reversal(server, lang, size) {
  const approver = await signIn(server, lang, size, 'steel.approver');
  await approver.go('/enterprise/account/drafts');
  await approver.press(approver.page.locator('main tbody tr', { hasText: words(approver, '已入账', 'Posted') })
    .locator('a[href^="/enterprise/account/run/"]').first());
  const form = approver.page.locator('form[action$="/reverse"]');
  await form.locator('textarea[name=reason]').fill('盘点更正 stocktaking');
  await approver.press(form.locator('button[type=submit]'));
  await approver.sees('reversal: the page says what became of the figures, why, and what comes next',
    words(approver, '已冲销', 'Reversed'), '盘点更正 stocktaking', words(approver, '李静', '李静'), words(approver, '不再计入', 'no longer count'));
  check(`${approver.tag}: reversal: it can't be reversed twice`, (await form.count()) === 0);
  await approver.shot('story-reversal');
  await approver.close('reversal');

  const manager = await signIn(server, lang, size, 'machinery.manager');
  await manager.go('/enterprise/account?year=2025');
  await manager.page.locator('details.fold > summary').last().click();
  const choice = manager.page.locator('form[action="/enterprise/account/method"]');
  const wanted = await choice.locator('select[name=model] option:not([selected])').first().getAttribute('value');
  await choice.locator('select[name=model]').selectOption(wanted);
  await choice.locator('textarea[name=reason]').fill('外购电力为主 mostly bought power');
  await manager.press(choice.locator('button[type=submit]'));
  await manager.sees('method: the reason stands with the account', '外购电力为主 mostly bought power');
  await manager.go('/enterprise/account/drafts?year=2025');
  check(`${manager.tag}: method: the year waits as drafts for a second person`,
    (await manager.page.locator('main a[href^="/enterprise/account/run/"]').count()) > 0, manager.page.url());
  await manager.shot('story-method');
  await manager.close('method');
}

// ---- a letter is refused; a case goes back, comes again and is withdrawn ----

async function refusal(server, lang, size) {
  const manager = await signIn(server, lang, size, 'chemicals.manager');
  await manager.go('/enterprise/authorisations');
  await follow(manager, 'main tr:has(a.btn) a.row-link');
  await manager.press(manager.page.locator('form:has(input[name=to][value=refused]) button[type=submit]'));
  await manager.sees('refusal: the letter is refused', words(manager, '已拒绝', 'Refused'));
  const officer = await signIn(server, lang, size, 'bank.officer');
  await officer.go('/bank/authorisations');
  await officer.sees('refusal: the bank sees it', words(officer, '拒绝', /[Rr]efused/));
  await officer.go('/bank'); // the case that waits for the officer, not one that an earlier story ended
  const at = new URL(await officer.page.locator('main a[href^="/bank/cases/"]:not([href*="?"])').first().getAttribute('href'), server.url).pathname;
  await officer.go(at);
  await officer.page.locator('textarea[name=note]').fill('请补合同 contract please');
  await officer.press(officer.page.locator('button[name=transition]:not(.btn-primary)').first());
  const applicant = await signIn(server, lang, size, 'cement.manager');
  await applicant.go('/enterprise/cases');
  const mine = applicant.page.locator(`main a[href$="/${at.split('/').pop()}"]`).first();
  await applicant.go(new URL(await mine.getAttribute('href'), server.url).pathname);
  await applicant.sees('case: the applicant reads why it came back', '请补合同 contract please');
  await applicant.shot('story-case-returned');
  const again = applicant.page.locator('main form:has(.btn-primary)');
  await again.locator('textarea').fill('已补 added');
  await applicant.press(again.locator('button[type=submit]'));
  await officer.go(at);
  check(`${officer.tag}: case: sent again it waits for the bank`, (await officer.page.locator('button[name=transition]').count()) > 0);
  const off = applicant.page.locator('main form:has(.btn-danger)');
  check(`${applicant.tag}: case: a withdrawal asks for its reason`, (await off.locator('textarea[required]').count()) === 1);
  await off.locator('textarea').fill('暂不需要 not needed now');
  await applicant.press(off.locator('button[type=submit]'));
  await officer.go(at);
  await officer.sees('case: the bank sees that it was withdrawn and why', '暂不需要 not needed now', words(officer, '撤回', /[Ww]ithdr/));
  check(`${officer.tag}: case: nothing is left to do`, (await officer.page.locator('button[name=transition]').count()) === 0);
  await officer.shot('story-case-withdrawn');
  for (const person of [manager, officer, applicant]) await person.close(`refusal, ${person.name}`);
}

// ---- the verifier: returns an answer, then accepts the better one ----

async function verifier(server, lang, size) {
  const judge = await signIn(server, lang, size, 'verifier');
  await judge.go('/expert?show=open');
  const finding = await judge.page.locator('main a.row-link').first().getAttribute('href');
  const manager = await signIn(server, lang, size, 'ceramics.manager');
  const its = `/enterprise/findings/${finding.split('/').pop()}`;
  const answer = async (note) => {
    await manager.go(its);
    await manager.page.locator('textarea#note').fill(note);
    await manager.press(manager.page.locator('form:has(textarea#note) button[type=submit]').first());
  };
  const judges = async (step, note) => {
    await judge.go(finding);
    await judge.page.locator('textarea[name=note]').fill(note);
    await judge.press(judge.page.locator(`button[name=transition][value=${step}]`));
  };
  await answer('漏报外销煤 coal sold');
  await judge.go('/expert');
  await judge.sees('verifier: the answered finding waits for judgement', words(judge, '高平陶瓷', 'Gaoping Ceramics'));
  await judges('return_answer', '请附过磅单 weighbridge slip');
  await manager.go('/notices');
  await manager.sees('verifier: the enterprise is told that its answer came back', words(manager, '被退回', 'was returned'));
  await answer('已附 attached');
  await manager.sees('verifier: the enterprise reads why it came back', '请附过磅单 weighbridge slip');
  await judges('accept_explanation', '属实 true');
  await judge.sees('verifier: the finding is closed', words(judge, '解释成立', 'explained'), '属实 true');
  await judge.shot('story-verifier');
  await manager.go('/notices');
  await manager.sees('verifier: the enterprise is told of the end', words(manager, '已被采纳', 'was accepted'));
  for (const person of [judge, manager]) await person.close(`verifier, ${person.name}`);
}

// ---- the operator's pages ----

async function operator(server, lang, size) {
  const person = await signIn(server, lang, size, 'operator');
  await person.go('/operator/models');
  await person.sees('operator: models by name and kind', words(person, '钢铁生产企业', 'Iron and steel'), words(person, '排放核算方法', 'Emission methods'));
  await person.go('/operator/settings');
  await person.sees('operator: settings with unit and reason', 'report_validity_months', words(person, '1 – 24 个月', '1 – 24 months'));
  await person.go('/operator/state');
  await person.press(person.page.locator('main form button[type=submit]').first());
  await person.sees('operator: store and log are checked on demand', words(person, '完好', 'Intact'));
  await person.shot('story-operator');
  await person.go('/operator/organisations');
  const form = person.page.locator('form[action="/operator/organisations"]');
  for (const [name, value] of Object.entries({ code: '91140100MA0TB00000', name: '示例', division: '140100', person: '甲', login: 'someone', password: PASSWORD }))
    await form.locator(`[name=${name}]`).fill(value);
  await form.locator('button[type=submit]').click();
  await person.page.waitForLoadState('load');
  check(`${person.tag}: operator: a wrong credit code is refused and what was typed stays`,
    (await person.page.locator('.problem').count()) === 1 && (await form.locator('[name=login]').inputValue()) === 'someone');
  await person.close('operator');
}

// ---- passwords, the lock, sessions, errors ----

async function entry(server, lang, size) {
  const person = await signIn(server, lang, size, 'power.approver');
  await person.go('/password');
  const change = async (now, fresh) => {
    for (const [name, value] of Object.entries({ now, password: fresh, again: fresh })) await person.page.locator(`main [name=${name}]`).fill(value);
    await person.page.locator('main form[action="/password"] button[type=submit]').click();
    await person.page.waitForLoadState('load');
  };
  await change('not the password', PASSWORD);
  await person.sees('entry: the old password is asked for', words(person, '当前密码不正确', 'until now is wrong'));
  await change(await demoPassword(server), PASSWORD);
  await person.sees('entry: the password is changed, the person stays', words(person, '密码已修改', 'password is changed'));
  await person.go('/enterprise');
  for (const [where, status] of [['/no/such/page', 404], ['/bank', 403]]) {
    const answer = await person.page.goto(server.url + where);
    check(`${person.tag}: entry: ${where} answers ${status} and leads back`, answer.status() === status
      && (await person.page.locator('.problem a.btn').count()) === 1, answer.status());
    await person.look();
  }
  await person.context.addCookies([{ name: 'tanshu_session', value: 'x'.repeat(77), url: server.url }]);
  await person.go('/enterprise/account?year=2024');
  check(`${person.tag}: entry: without a session one signs in first`, person.page.url().includes('/sign-in?back='), person.page.url());
  await person.page.locator('.entry-form [name=login]').fill('power.approver');
  await person.page.locator('.entry-form [name=password]').fill(PASSWORD);
  await person.press(person.page.locator('.entry-form button[type=submit]'));
  check(`${person.tag}: entry: and comes back to where one was`, person.page.url().endsWith('/enterprise/account?year=2024'), person.page.url());
  const other = await Person.open(browser, server, lang, size, 'guesser');
  for (let i = 0; i < 6; i++) {
    await other.page.goto(`${server.url}/sign-in`);
    await other.page.locator('.entry-form [name=login]').fill('foundry.manager');
    await other.page.locator('.entry-form [name=password]').fill(`guess ${i} of many`);
    await Promise.all([other.page.waitForEvent('load'), other.page.locator('.entry-form button[type=submit]').click()]);
  }
  await other.sees('entry: guessing closes the door for a while and says how long', words(other, /请 ?\d+ ?秒后再试/, /Try again in \d+ seconds/));
  await other.shot('story-locked');
  for (const each of [person, other]) await each.close(`entry, ${each.name}`);
}

async function demoPassword(server) {
  const page = await browser.newPage();
  await page.goto(`${server.url}/sign-in`);
  const password = await page.locator('form .person-card').first().evaluate((button) => button.form.elements.password.value);
  await page.close();
  return password;
}

// ---- by keyboard alone: in, past the navigation, a month typed and sent, out ----

async function keyboard(server, lang, size) {
  const person = await Person.open(browser, server, lang, size, 'keyboard');
  const { page } = person;
  const here = () => page.evaluate(() => {
    const e = document.activeElement;
    const style = getComputedStyle(e);
    return { id: e.id, name: e.name ?? '', href: e.getAttribute('href') ?? '', text: e.textContent.trim(), tag: e.tagName, type: e.type ?? '',
      seen: (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none' };
  });
  const unseen = new Set();
  const tabTo = async (wanted, most = 160) => {
    for (let i = 0; i < most; i++) {
      await page.keyboard.press('Tab');
      const at = await here();
      if (at.tag !== 'BODY' && !at.seen) unseen.add(`${new URL(page.url()).pathname}: ${at.tag} ${at.id || at.name || at.text.slice(0, 20)}`);
      if (wanted(at)) return at;
    }
    throw new Error(`not reached by the tab key on ${page.url()}`);
  };
  const enter = () => Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]);
  await person.go('/sign-in');
  const skip = await tabTo((at) => at.href === '#main', 1);
  check(`${person.tag}: keyboard: the first stop leads past the navigation`, skip.seen);
  await page.keyboard.press('Enter');
  const inside = await tabTo(() => true, 1);
  check(`${person.tag}: keyboard: and the next is the form`, inside.name === 'login', JSON.stringify(inside));
  await page.keyboard.type('steel.manager');
  await tabTo((at) => at.name === 'password', 1);
  await page.keyboard.type(await demoPassword(server));
  await enter();
  await person.look();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await tabTo((at) => /^\/enterprise\/data(\?|$)/.test(at.href), 200);
  await enter();
  await tabTo((at) => /\/enterprise\/data\/form\?period=2026-07/.test(at.href));
  await enter();
  await person.look();
  const field = await tabTo((at) => at.tag === 'INPUT' && at.type !== 'hidden' && /diesel|electricity_purchased/.test(`${at.name} ${at.id}`), 400);
  await page.keyboard.type('81.5');
  check(`${person.tag}: keyboard: a value of the month is typed`, (await page.evaluate(() => document.activeElement.value)) === '81.5', JSON.stringify(field));
  await tabTo((at) => at.tag === 'BUTTON' && at.type === 'submit', 400);
  await enter();
  await person.look();
  await person.sees('keyboard: the value is taken', '81.5');
  await page.evaluate(() => document.activeElement?.blur());
  await tabTo((at) => at.tag === 'SUMMARY' && at.text !== '', 12);
  await page.keyboard.press('Space');
  const opened = await page.evaluate(() => document.activeElement.parentElement.open);
  await page.keyboard.press('Escape');
  check(`${person.tag}: keyboard: the person's menu opens with the space bar and closes with escape`,
    opened === true && !(await page.evaluate(() => document.activeElement.closest('details')?.open)), String(opened));
  await page.keyboard.press('Space');
  await tabTo((at) => at.tag === 'BUTTON', 3);
  await enter();
  check(`${person.tag}: keyboard: and leads out`, page.url().includes('/sign-in'), page.url());
  check(`${person.tag}: keyboard: every stop shows where one is`, unseen.size === 0, [...unseen].join('\n'));
  await person.close('keyboard');
}

// ---- in the dark, without scripts, at twice the size, on paper ----

async function otherwise(server, lang) {
  const dark = await Person.open(browser, server, lang, 'wide', 'dark', { colorScheme: 'dark' });
  await dark.signIn('steel.manager', await demoPassword(server));
  for (const where of ['/enterprise', '/enterprise/account?year=2025', '/enterprise/report?year=2025', '/enterprise/data', '/enterprise/findings']) {
    await dark.go(where);
    await dark.reads();
  }
  await dark.shot('story-dark');
  const bars = await dark.page.goto(`${server.url}/enterprise/account?year=2025`).then(() => dark.page.evaluate(() => {
    const sum = (text) => text.match(/[\d.]+/g).slice(0, 3).map(Number).reduce((a, b) => a + b, 0);
    return sum(getComputedStyle(document.querySelector('.chart svg .ink-s1')).color) - sum(getComputedStyle(document.querySelector('.panel')).backgroundColor);
  }));
  check(`${dark.tag}: dark: the first series of a chart stands out`, bars > 180, bars);
  const paper = path.join(work, `paper-${lang}.pdf`);
  await dark.page.pdf({ path: paper, format: 'A4' });
  const total = (await dark.page.locator('main').innerText()).match(/\d{1,3},\d{3},\d{3}/)?.[0];
  const printed = execFileSync('pdftotext', ['-layout', paper, '-'], { encoding: 'utf8' });
  check(`${dark.tag}: paper: the figures are printed, the navigation is not`, total && printed.includes(total)
    && !printed.includes(words(dark, '计量与负荷', 'Meters and load')), printed.slice(0, 600));
  await dark.close('dark and paper');

  const plain = await Person.open(browser, server, lang, 'phone', 'plain', { javaScriptEnabled: false });
  await plain.page.goto(`${server.url}/sign-in`);
  await plain.page.locator('.entry-form [name=login]').fill('steel.manager');
  await plain.page.locator('.entry-form [name=password]').fill(await demoPassword(server));
  await plain.page.locator('.entry-form button[type=submit]').click();
  await plain.page.locator('.side-fold summary').click();
  await plain.page.locator('.side-fold a[href="/enterprise/account"]').click();
  check(`${lang}: without scripts the menu opens and leads on`, new URL(plain.page.url()).pathname === '/enterprise/account', plain.page.url());
  await plain.context.close();

  const large = await Person.open(browser, server, lang, 'wide', 'large', { viewport: { width: 720, height: 450 }, deviceScaleFactor: 2 });
  await large.signIn('steel.manager', await demoPassword(server));
  for (const where of ['/enterprise/account?year=2025', '/enterprise/finance', '/enterprise/report?year=2025']) await large.go(where);
  await large.close('at twice the size');
}

// ---- an energy manager who has no account yet ----

async function method(server, lang, size) {
  const person = await Person.open(browser, server, lang, size, 'reader', { javaScriptEnabled: false });
  await person.go('/methods/ghg.steel?version=2013.1');
  await person.sees('method: what to collect, what its absence means, what it weighs',
    words(person, '电网结算电表', 'Settlement meter'), words(person, '“排放总量”未知', "'Total' stays unknown"), '+0.875 %');
  await person.shot('story-method');
  await tap(person, words(person, '打开并修改算例', 'Open and change the worked case'));
  await person.page.getByLabel(words(person, '购入电量', 'Purchased electricity'), { exact: true }).fill('310000');
  await person.press(person.page.locator('main button[type=submit]').first());
  await person.sees('method: the worked case is computed with the changed value', '274,133', '2,438,710.3', '+0.3639 %');
  await person.shot('story-method-case');
  await person.close('method');
}

// ---- all of it ----

const only = process.env.TANSHU_STORY?.split(',');
for (const lang of ['zh', 'en']) {
  for (const size of Object.keys(sizes)) {
    const data = path.join(work, `demo-${lang}-${size}`);
    fs.cpSync(demo, data, { recursive: true });
    const server = Object.assign(await serve(data), { data });
    const bare = path.join(work, `bare-${lang}-${size}`);
    run('init', '--data', bare);
    const empty = Object.assign(await serve(bare), { data: bare });
    const stories = { realPlant, mill, finding, bank, letter, authority, anyone, method };
    if (size === 'wide') stories.otherwise = otherwise;
    // Chinese wide and English narrow: each language and each width once. `reversal` takes figures away, so it is last.
    if ((lang === 'zh') === (size === 'wide')) Object.assign(stories, { keyboard, refusal, verifier, operator, entry, reversal });
    for (const [name, steps] of Object.entries(stories))
      if (!only || only.includes(name)) await story(`${lang} ${sizes[size].width}: ${name}`, () => steps(server, lang, size));
    if (!only || only.includes('newcomer'))
      await story(`${lang} ${sizes[size].width}: newcomer`, () => newcomer(empty, lang, size));
    await server.close();
    await empty.close();
  }
}
await browser.close();
await finish();
