// Development only: pictures of every page over the fixtures, through chromedriver. `node dev/shots.mjs OUT [only]`
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const out = process.argv[2] ?? "/tmp/ui-shots";
const only = process.argv[3] ?? "";
mkdirSync(out, { recursive: true });
const wait = (ms) => new Promise((r) => setTimeout(r, ms));
const FIX = 8787;
const DRV = 9777;
const kids = [
  spawn(process.execPath, [fileURLToPath(new URL("./fixtures.mjs", import.meta.url)), String(FIX)], { stdio: "inherit" }),
  spawn("chromedriver", [`--port=${DRV}`], { stdio: "ignore" }),
];
const url = `http://127.0.0.1:${FIX}/`;
let session = "";
async function wd(method, path, body) {
  const r = await fetch(`http://127.0.0.1:${DRV}/session${session && `/${session}`}${path}`, { method, body: method === "POST" ? JSON.stringify(body ?? {}) : undefined });
  const j = await r.json();
  if (j.value?.error) throw new Error(`${path}: ${j.value.message}`);
  return j.value;
}
const js = (script, ...args) => wd("POST", "/execute/sync", { script, args });
const set = (scene) => fetch(`${url}desk/fixture`, { method: "POST", body: JSON.stringify(scene) });
const test = (id) => `[data-test="${id}"]`;
async function until(selector) {
  for (let i = 0; i < 50; i++) {
    if (await js("return document.querySelector(arguments[0]) !== null", selector)) return;
    await wait(60);
  }
  throw new Error(`never came: ${selector}`);
}
async function click(selector) {
  await until(selector);
  await js("document.querySelector(arguments[0]).click()", selector);
  await wait(120);
}
const type = (selector, text) => js("const e=document.querySelector(arguments[0]);e.focus();e.value=arguments[1];e.dispatchEvent(new Event('input',{bubbles:true}))", selector, text);
/** Files into the page of carriers' labels, by what they hold. */
const put = (...texts) => js("const t=new DataTransfer();for(const x of arguments[0])t.items.add(new File([x], x==='pdf'?'uspack_4x6_20261126.pdf':`${x}-label-7731.pdf`));const e=document.querySelector('[data-test=carrier-file]');e.files=t.files;e.dispatchEvent(new Event('change',{bubbles:true}))", texts);
async function open(scene, look) {
  await set(scene);
  await wd("POST", "/url", { url });
  await js("localStorage.setItem('look', arguments[0])", JSON.stringify(look));
  await wd("POST", "/refresh");
  await wait(350);
}

const shots = {
  first: [{ name: "first" }, async () => until(test("first-owner"))],
  login: [{ locked: true }, async () => { await until(test("login")); }],
  "login-wrong": [{ locked: true, trial: true }, async () => { await click(test("login-person")); await type(test("login-password"), "wrong"); await click(test("login-enter")); await until(test("login-error")); }],
  "startup-passphrase": [{ startup: "needs_passphrase" }, async () => until(test("startup"))],
  "startup-key-gone": [{ startup: "key_gone" }, async () => { await click(test("startup-aside")); await until(test("startup-aside-do")); }],
  "startup-damaged": [{ startup: "data_damaged" }, async () => until(test("startup-aside"))],
  "startup-busy": [{ startup: "folder_busy" }, async () => until(test("startup"))],
  station: [{}, async () => { await click('[data-id="parcel-37"]'); await until(test("label-picture")); }],
  "station-practice": [{ trial: true, role: "clerk" }, async () => { await click('[data-id="parcel-36"]'); await until(test("label-picture")); }],
  "station-empty": [{ name: "empty" }, async () => until(test("empty"))],
  "station-unknown": [{}, async () => { await click(test("tab-attention")); await click('[data-id="parcel-41"]'); }],
  "order-empty": [{}, async () => { await click(test("nav-order")); await until(test("recipient-name")); }],
  "order-draft": [{ name: "draft" }, async () => { await click(test("nav-order")); await until(test("recipient-name")); await type(test("order-remark"), "易碎，轻放"); await until(test("label-picture")); }],
  "order-errors": [{ name: "submit_error" }, async () => { await click(test("nav-order")); await until(test("recipient-name")); await type(test("order-remark"), "易碎，轻放！"); await click(test("sender-edit")); await click(test("order-submit")); await until(test("order-error")); }],
  "order-done": [{ name: "submitted" }, async () => { await click(test("nav-order")); await until(test("recipient-name")); await click(test("order-submit")); await until(test("order-result")); }],
  "order-no-courier": [{ name: "no_courier" }, async () => { await click(test("nav-order")); await until(test("charge-none")); }],
  accounts: [{}, async () => { await click(test("nav-accounts")); await until(test("courier")); }],
  "accounts-details": [{}, async () => { await click(test("nav-accounts")); await click(test("courier-set-default")); await until(test("details-missing")); }],
  "accounts-empty": [{ name: "no_app" }, async () => { await click(test("nav-accounts")); await until(test("platform-taobao")); }],
  "attempt-open": [{ attempt: "open" }, async () => { await click(test("nav-accounts")); await until(test("attempt-qr")); await type(test("attempt-paste"), "http://127.0.0.1:8912/callback/taobao?code=x"); await click(test("attempt-paste-send")); }],
  "attempt-held": [{ attempt: "held", with: { shop_name: "青禾生活馆", shop_id: "2208456712", renews: true } }, async () => { await click(test("nav-accounts")); await until(test("attempt-held")); }],
  "attempt-active": [{ attempt: "held", with: { shop_name: "青禾生活馆", shop_id: "2208456712" } }, async () => { await click(test("nav-accounts")); await click(test("attempt-confirm")); await until(test("attempt-active")); }],
  "attempt-refused": [{ attempt: "open" }, async () => { await click(test("nav-accounts")); await until(test("attempt")); await set({ attempt: "refused", with: { reason: "access_denied", hint: "user denied the request" } }); await click(test("add-account-taobao")); await until(test("attempt-end")); }],
  "app-settings": [{}, async () => { await click(test("nav-accounts")); await click(test("app-settings-taobao")); await until(test("app-key")); }],
  revoke: [{}, async () => { await click(test("nav-accounts")); await click(test("grant-revoke")); await until(test("revoke")); }],
  "revoke-done": [{}, async () => { await click(test("nav-accounts")); await click(test("grant-revoke")); await type(test("revoke-name"), "青禾生活馆"); await click(test("revoke-do")); await until(test("revoke-done")); }],
  wizard: [{}, async () => { await click(test("nav-accounts")); await click(test("courier-details")); await until(test("wizard")); }],
  "wizard-review": [{ step: 3 }, async () => { await click(test("nav-accounts")); await click(test("courier-details")); await until(test("wizard")); }],
  history: [{}, async () => { await click(test("nav-history")); await until(test("history-row")); }],
  "history-detail": [{}, async () => { await click(test("nav-history")); await click('[data-id="parcel-37"]'); await until(test("label-picture")); }],
  "history-unknown": [{}, async () => { await click(test("nav-history")); await click('[data-id="parcel-32"]'); await until(test("trouble")); }],
  "history-doubtful": [{}, async () => { await click(test("nav-history")); await click('[data-id="parcel-40"]'); await until(test("trouble")); }],
  "history-rejected": [{}, async () => { await click(test("nav-history")); await click('[data-id="parcel-42"]'); await until(test("trouble")); }],
  reprint: [{}, async () => { await click(test("nav-history")); await click('[data-id="parcel-37"]'); await click(test("detail-reprint")); await until(test("reprint-dialog")); }],
  cancel: [{}, async () => { await click(test("nav-history")); await click('[data-id="parcel-37"]'); await click(test("detail-cancel")); await until(test("cancel-dialog")); }],
  log: [{}, async () => { await click(test("nav-history")); await click(test("history-log")); await click(test("log-verify")); await until(test("log-verdict")); }],
  settings: [{}, async () => { await click(test("nav-settings")); await until(test("printer-state")); await click(test("printer-test")); }],
  "first-restore": [{ name: "first" }, async () => { await click(test("restore-start")); await until(test("restore-words")); await type(test("restore-words"), "的一是在不了有和人这中大为上个国我以要他时来用们"); }],
  "restore-preview": [{ name: "first" }, async () => { await click(test("restore-start")); await until(test("restore-words")); await type(test("restore-words"), "的一是在不了有和人这中大为上个国我以要他时来用们"); await click(test("restore-look")); await until(test("restore-preview")); }],
  backups: [{}, async () => { await click(test("nav-settings")); await until(test("backup-row")); await js("document.querySelector('[data-test=backups]').scrollIntoView()"); }],
  "backups-no-card": [{ name: "no_card" }, async () => { await click(test("nav-settings")); await until(test("backup-trouble")); await js("document.querySelector('[data-test=backups]').scrollIntoView()"); }],
  "backups-failed": [{ name: "backup_failed" }, async () => { await click(test("nav-settings")); await until(test("backup-trouble")); await js("document.querySelector('[data-test=backups]').scrollIntoView()"); }],
  card: [{ name: "no_card" }, async () => { await click(test("nav-settings")); await click(test("card-make")); await until(test("card-picture")); }],
  "card-check": [{ name: "no_card" }, async () => { await click(test("nav-settings")); await click(test("card-make")); await click(test("card-written")); for (const n of [0, 1, 2, 3]) { await until(test(`card-word-${n}`)); await type(test(`card-word-${n}`), "山"); } await click(test("card-confirm")); await until(test("card-word-2-error")); }],
  data: [{}, async () => { await click(test("nav-settings")); await until(test("data-phone")); await type(test("data-phone"), "13812346720"); await click(test("data-find")); await until(test("data-found")); await js("document.querySelector('[data-test=data-care]').scrollIntoView()"); }],
  "settings-empty": [{ name: "empty" }, async () => { await click(test("nav-settings")); await until(test("empty")); }],
  "printer-form": [{}, async () => { await click(test("nav-settings")); await click(test("printer-add")); await until(test("printer-queue")); }],
  doctor: [{}, async () => { await click(test("nav-settings")); await click(test("printer-doctor")); await until(test("doctor-line")); await click(test("doctor-right")); await click(test("doctor-calibrate")); await until(test("doctor-calibrated")); }],
  rules: [{}, async () => { await click(test("nav-settings")); await click(test("rule-try")); await until(test("rule-trial")); await js("document.querySelector('[data-test=rules]').scrollIntoView()"); }],
  "custom-area": [{}, async () => { await click(test("nav-settings")); await until(test("custom-shop")); await js("const e=document.querySelector('[data-test=custom-shop]');e.value='g1';e.dispatchEvent(new Event('change',{bubbles:true}));document.querySelector('[data-test=custom-area]').scrollIntoView({block:'center'})"); await click(test("custom-own")); }],
  "rule-dialog": [{}, async () => { await click(test("nav-settings")); await click(test("rule-add")); await until(test("rule-dialog")); }],
  "carrier-empty": [{ name: "empty" }, async () => { await click(test("nav-carrier_labels")); await until(test("empty")); }],
  carrier: [{}, async () => { await click(test("nav-carrier_labels")); await put("pdf", "unread", "locked"); await until(test("carrier-print-all")); await click(test("carrier-page")); await type(test("carrier-tracking"), "9405511899223100012340"); await click(test("carrier-compare")); await until('[data-state="matches"]'); await until(test("label-picture")); }],
  "carrier-wrong": [{}, async () => { await click(test("nav-carrier_labels")); await put("pdf", "unread", "locked"); await until(test("carrier-print-all")); await click('[data-state="wrong"]'); }],
  "carrier-unread": [{}, async () => { await click(test("nav-carrier_labels")); await put("pdf", "unread", "locked"); await until('[data-state="unreadable"]'); await click('[data-state="unreadable"]'); }],
  "carrier-printed": [{}, async () => { await click(test("nav-carrier_labels")); await click('[data-test="carrier-printed"][data-id="cl-1"]'); await until(test("carrier-detail")); }],
  templates: [{}, async () => { await click(test("nav-settings")); await click(test("templates-open")); await until(test("label-picture")); }],
  "templates-fault": [{}, async () => { await click(test("nav-settings")); await click(test("templates-open")); await until(test("label-picture")); await js("const e=document.querySelector('[data-test=template-text]');e.value='oops\\n'+e.value;e.dispatchEvent(new Event('input',{bubbles:true}))"); await click(test("template-goto")); }],
  help: [{}, async () => { await click(test("nav-help")); await click('[data-id="pdd_staff"]'); await click(test("help-step")); }],
  people: [{}, async () => { await click(test("nav-people")); await until(test("person")); await type(test("person-name"), "陈小禾"); await type(test("person-password"), "x"); await click(test("person-add")); await until(test("error")); }],
  "people-panel": [{}, async () => { await click(test("nav-people")); await until(test("person")); await click('[data-name="陈小禾"] button'); await until(test("person-panel")); }],
  "people-until": [{}, async () => { await click(test("nav-people")); await until(test("person")); await click('[data-name^="Alexandria"] button'); await until(test("person-panel")); }],
  "people-depart": [{}, async () => { await click(test("nav-people")); await until(test("person")); await click('[data-name="陈小禾"] button'); await until(test("person-depart")); await click(test("person-depart")); await until(test("person-heir")); }],
  "people-departed": [{}, async () => { await click(test("nav-people")); await until(test("person")); await click(test("people-tab-departed")); await click('[data-name="老周"] button'); await until(test("person-restore")); }],
  "people-first-use": [{ name: "first_use" }, async () => { await click(test("nav-people")); await until(test("first-use-phone")); await type(test("first-use-phone"), "13800000000"); await click(test("first-use-send")); await until(test("first-use-sent")); }],
  "people-first-use-owner": [{ name: "first_use_owner" }, async () => { await click(test("nav-people")); await until(test("first-use-password")); }],
  "people-badge": [{}, async () => { await click(test("nav-people")); await until(test("person")); await click('[data-name="陈小禾"] button'); await click(test("badge-scan")); await until(test("badge-code")); }],
  "people-badge-panel": [{}, async () => { await click(test("nav-people")); await until(test("person")); await click('[data-name="陈小禾"] button'); await until(test("person-badge")); await js("document.querySelector('[data-test=person-badge]').scrollIntoView({block:'center'})"); }],
  "login-sms": [{ locked: true, sms: true }, async () => { await click(test("login-person")); await type(test("login-password"), "x"); await click(test("login-enter")); await until(test("login-sms")); }],
  "login-badge": [{ locked: true, pins: ["陈小禾"] }, async () => { await until(test("login")); await js("for(const key of [...'WDBABCDEFGHIJKLMNOP','Enter']) window.dispatchEvent(new KeyboardEvent('keydown',{key,bubbles:true,cancelable:true}))"); await until(test("login-told")); }],
  "settings-sms": [{}, async () => { await click(test("nav-settings")); await until(test("sms-state")); await js("document.querySelector('[data-test=sms-settings]').scrollIntoView()"); }],
  "people-posts": [{}, async () => { await click(test("nav-people")); await until(test("person")); await click(test("people-tab-posts")); await until(test("post-form")); }],
  "people-rules": [{}, async () => { await click(test("nav-people")); await until(test("person")); await click(test("people-tab-rules")); await until(test("people-rules")); }],
  account: [{ role: "clerk", standing: "until" }, async () => { await until(test("nav-certify")); await click(test("nav-account")); await until(test("account-certify")); }],
  "login-pin": [{ locked: true, pins: ["陈小禾"] }, async () => { await until(test("login-person")); await js("[...document.querySelectorAll('[data-test=login-person]')].find((e)=>e.textContent==='陈小禾').click()"); await until(test("login-pin")); }],
};
const looks = [
  ["zh-light-1280", 1280, 800, { theme: "light", text: "100", language: "zh-CN" }],
  ["zh-dark-1280", 1280, 800, { theme: "dark", text: "100", language: "zh-CN" }],
  ["zh-light-1920", 1920, 1080, { theme: "light", text: "100", language: "zh-CN" }],
  ["zh-dark-1920", 1920, 1080, { theme: "dark", text: "100", language: "zh-CN" }],
  ["en-light-1280", 1280, 800, { theme: "light", text: "100", language: "en" }],
  ["tw-light-1280", 1280, 800, { theme: "light", text: "100", language: "zh-TW" }],
  ["zh-light-1024", 1024, 768, { theme: "light", text: "100", language: "zh-CN" }],
  ["zh-light-200", 1280, 800, { theme: "light", text: "200", language: "zh-CN" }],
];

try {
  await wait(900);
  const profile = mkdtempSync(join(tmpdir(), "shots-"));
  const made = await wd("POST", "", { capabilities: { alwaysMatch: { browserName: "chrome", "goog:loggingPrefs": { browser: "ALL" }, "goog:chromeOptions": { binary: "/usr/bin/chromium", args: ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--disable-background-networking", `--user-data-dir=${profile}`] } } } });
  session = made.sessionId;
  for (const [look, w, h, settings] of looks) {
    if (only && !look.includes(only.split("/")[0])) continue;
    await wd("POST", "/goog/cdp/execute", { cmd: "Emulation.setDeviceMetricsOverride", params: { width: w, height: h, deviceScaleFactor: 1, mobile: false } });
    for (const [name, [scene, walk]] of Object.entries(shots)) {
      if (only.includes("/") && !only.split("/")[1].split(",").includes(name)) continue;
      try {
        await open({ ...scene }, settings);
        await walk();
        await wait(250);
        writeFileSync(join(out, `${look}-${name}.png`), Buffer.from(await wd("GET", "/screenshot"), "base64"));
        const wide = await js("const r=[];for(const e of document.querySelectorAll('*')){const c=getComputedStyle(e);if(e.scrollWidth>e.clientWidth+1&&c.overflowX==='visible'&&e.clientWidth>0&&c.display!=='inline'&&!e.closest('.sr'))r.push((e.dataset.test||e.className||e.tagName)+':'+e.scrollWidth+'>'+e.clientWidth)}return r.slice(0,6)");
        if (wide.length) console.log(look, name, "overflows", wide.join(" | "));
      } catch (e) {
        console.log(look, name, "FAILED", e.message);
      }
    }
    for (const l of await wd("POST", "/se/log", { type: "browser" })) if (l.level !== "INFO" && !/422|favicon/.test(l.message)) console.log(look, l.level, l.message);
  }
} finally {
  await wd("DELETE", "").catch(() => undefined);
  for (const k of kids) k.kill();
}
