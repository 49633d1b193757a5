// Development only: answers the window's commands from invented data and serves dist/ under the product's content security
// policy, so that pages can be looked at in a plain browser before (or without) a desk. Never shipped, proves nothing about
// the desk. `node dev/fixtures.mjs [port]`; `POST /desk/fixture {"scene": …}` switches the scene.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const dist = join(here, "..", "dist");
const port = Number(process.argv[2] ?? 8787);
const label = (await readFile(join(here, "label.png"))).toString("base64");
const now = Date.now();
const min = 60_000;
const day = 24 * 60 * min;
const all = ["submit_order", "cancel_waybill", "reprint", "reprint_more", "decide_unknown", "view_history", "reveal_personal", "red_packets", "agree_refunds", "view_grants", "start_grant", "confirm_grant", "revoke_grant", "manage_apps", "set_default_courier", "manage_printers", "manage_templates", "manage_people", "view_log", "manage_backups", "manage_data", "export_data", "export_personal"];
const groupOf = (r) => (all.indexOf(r) < 9 ? "official" : all.indexOf(r) < 15 ? "services" : "back_office");
const posts = {
  posts: [["clerk", ["view_grants", "submit_order", "cancel_waybill", "reprint", "view_history", "reveal_personal"], 1], ["staff", ["start_grant", "view_grants"], 1], ["customer_service", ["view_history"], 0], ["supervisor", ["view_history", "reveal_personal", "reprint", "agree_refunds"], 0], ["operations", ["view_history", "view_grants", "set_default_courier"], 0], ["finance", ["view_history", "view_grants", "view_log"], 0], ["other", [], 0]]
    .map(([id, rights, people]) => ({ id, name: "", rights, built_in: true, changed: id === "operations", people })).concat([{ id: "post-1", name: "夜班打单", rights: ["submit_order", "reprint"], built_in: false, changed: false, people: 0 }]),
  rights: all.map((word) => ({ word, group: groupOf(word), weighty: ["cancel_waybill", "red_packets", "agree_refunds", "start_grant", "confirm_grant", "revoke_grant", "manage_apps", "manage_people"].includes(word), elsewhere: ["red_packets", "agree_refunds"].includes(word) })),
};
const person = (id, name, real_name, post, more) => ({
  id, name, real_name, phone: "138****0000", post, post_name: "", extra: [], standing: "certified", certify_by: 0, certified_how: "totp", departed_at: null, created_at: now - 31 * day, last_login_at: now - 3 * min, last_act_at: now - 3 * min, last_act: "print.sent", hours: [], login_method: "password", has_totp: true, has_pin: false, sms_why_not: "", badge_at: null, badge_own: false, wrong_logins: 0, waits_s: 0,
  rights: (post === "owner" ? all : (posts.posts.find((p) => p.id === post)?.rights ?? [])).map((word, i) => ({ word, from: post === "owner" ? "owner" : "post", used_at: i % 3 ? now - i * day : null, unused: i % 3 === 0 })), ...more,
});
const people = [
  person("p1", "王店主", "王建国", "owner", { created_at: now - 40 * day }),
  person("p2", "陈小禾", "陈小禾", "clerk", { extra: ["view_log"], hours: [{ days: [true, true, true, true, true, true, false], from: 540, to: 1080 }], has_pin: true, badge_at: now - 3 * day }),
  person("p3", "Alexandria Featherstonehaugh-Montgomery", "", "staff", { standing: "until", certify_by: now + 5 * day, certified_how: "", has_totp: false, sms_why_not: "no_phone", last_login_at: null, last_act_at: null, last_act: "", wrong_logins: 6, waits_s: 2 }),
  person("p4", "老周", "周明", "clerk", { departed_at: now - 12 * day }),
];
const address = (province, city, district, town, detail) => ({ province, city, district, town, detail });
const home = address("浙江省", "杭州市", "余杭区", "良渚街道", "勾运路 88 号 3 幢");
const store2 = address("浙江省", "杭州市", "余杭区", "仁和街道", "启航路 6 号云仓 B 座");
const contact = (name, phone, a) => ({ name, phone, address: a });
const blank = contact("", "", address("", "", "", "", ""));

const courier = (id, grant, shop, code, name, branch, balance, extra = {}) => ({
  id, grant, shop_name: shop, code, name, branch_name: branch, branch_code: "571001", balance, senders: [home, store2],
  customer_codes: [], details_done: true, details_step: 3, default: false, usable: true, ...extra,
});
const zto = courier("c1", "g1", "青禾生活馆", "ZTO", "中通快递", "余杭三部", 412, { default: true });
const yto = courier("c2", "g1", "青禾生活馆", "YTO", "圆通速递", "余杭二部", 18, { details_done: false, details_step: 2 });
const sf = courier("c3", "g2", "青禾茶器专营店", "SF", "顺丰速运", "", null, { customer_codes: ["0571889900", "0571889901"] });
const grant = (id, platform, shop_name, state, expires, couriers, extra = {}) => ({
  id, platform, shop_id: "2208456712", shop_name, state, reason: "", scopes: ["identity.read", "waybill.issue", "orders.read"], expires_at: expires,
  granted_by: "王店主", granted_at: now - 60 * day, last_used_at: now - 11 * min, couriers, couriers_loaded_at: now - 5 * min, revoke_page: "",
  renewal: "automatic", renews_at: expires === null ? null : expires - 30 * day, renewed_at: now - 3 * day, days_left: expires === null ? null : Math.ceil((expires - now) / day), remind: 0, ...extra,
});
const grants = [
  grant("g1", "taobao", "青禾生活馆", "active", now + 100 * day, [zto, yto]),
  grant("g2", "taobao", "青禾茶器专营店", "active", now + 6 * day, [sf], { renewal: "by_hand", renews_at: null, renewed_at: null, remind: 7 }),
  grant("g3", "taobao", "老青禾旗舰店（停业清仓中，名字特别长的一家店铺）", "suspended", now + 30 * day, []),
  grant("g4", "standard", "practice-shop", "needs_renewal", null, [], { renewal: "lost", renews_at: null, renewed_at: null, scopes: ["identity.read"], last_used_at: null }),
];
const platforms = [
  { id: "taobao", trial_only: false, secret_mode: "own_app", app_set: true, app_key: "12345678", callback: "http://127.0.0.1:8912/callback/taobao", doors: ["loopback", "paste"], scopes: ["identity.read", "waybill.issue", "orders.read"], couriers: true, revoke_page: "https://mai.taobao.com/auth_manage" },
  { id: "standard", trial_only: true, secret_mode: "native", app_set: true, app_key: "desk", callback: "", doors: ["loopback", "scheme", "paste"], scopes: ["identity.read"], couriers: false, revoke_page: "" },
];
const printers = [
  { id: "pr1", name: "佳博 GP-1324D", address: "tcp://192.168.1.50:9100", language: "tspl", dpi: 203, width_mm: 100, height_mm: 180, gap_mm: 2, media_kind: "gap", offset_x: 0, offset_y: 0, family: "gprinter", speed: 4, darkness: 8, default: true },
  { id: "pr2", name: "Zebra ZD421 二楼", address: "cups://zd421", language: "zpl", dpi: 300, width_mm: 76, height_mm: 130, gap_mm: 3, media_kind: "gap", offset_x: 0, offset_y: 0, family: "zebra", speed: 5, darkness: 10, default: false },
];
/** Labels that carriers made: numbers by page; a file called `…` by its first letters shows another state. */
const carrierNumbers = ["9405511899223100012340", "1Z12345E0205271688", "794912345678", "GB004217788FR"];
const carrierPrinted = ["LX123456785CN", "JJD000390007120445566"].map((tracking, n) => ({
  id: `cl-${n}`, name: n ? "DHL-2026-11-25.zpl" : "uspack_4x6_20261126.pdf", kind: n ? "ZPL" : "PDF", page: 1, pages: 1, tracking, checked: n ? "not_compared" : "matches", created_at: now - 3_600_000 * (n + 1), by: "陈小禾",
  prints: [{ id: `cj-${n}`, parcel: "", carrier_label: `cl-${n}`, number: tracking, copy: 0, mark: "", reason: "", by: "陈小禾", printer: "pr1", printer_name: "佳博 GP-1324D", state: n ? "doubtful" : "confirmed", evidence: n ? "" : "device_status", trouble: "", bytes: 144_212, accepted: n ? 61_440 : 144_212, template: "", created_at: now - 3_600_000 * (n + 1), ended_at: null }],
  reprints_left: 3, may_reprint: true,
}));
function carrierRead(r) {
  const text = Buffer.from(r.file_base64, "base64").toString();
  if (text.startsWith("locked")) throw new Refusal("carrier_label_refused", { fields: [{ field: "file", code: "encrypted", detail: "" }] });
  const number = carrierNumbers[r.page - 1];
  const verdict = text.startsWith("unread") ? "unreadable" : !r.tracking ? "not_compared" : r.tracking === number ? "matches" : "other_number";
  return { kind: "PDF", page: r.page, pages: text.startsWith("unread") ? 1 : 4, width_mm: 101.6, height_mm: 152.4, cropped: r.page === 3, turned: r.page === 2, verdict, number: verdict === "unreadable" ? "" : r.tracking || number, picture: { png_base64: label, width_dots: 800, height_dots: 1440, dpi: 203, width_mm: 100, height_mm: 180 }, symbols: verdict === "unreadable" ? [] : [{ kind: "code_128", text: number }, { kind: "datamatrix", text: `${number}|0.740|2026-11-26` }], ignored: r.page === 4 ? ["^XQ"] : [], known: r.page === 4 ? carrierPrinted[0] : null };
}
const templates = [
  { id: "t100x180", name: "标准", width_mm: 100, height_mm: 180 },
  { id: "t76x130", name: "窄版", width_mm: 76, height_mm: 130 },
];
const row = (seq, name, area, goods, c, number, waybill_state, print_state, evidence, attention, ago) => ({
  id: `parcel-${seq}`, seq, created_at: now - ago * min, created_by: seq % 3 ? "陈小禾" : "王店主", recipient_name: name, recipient_area: area, goods,
  courier_code: c.code, courier_name: c.name, shop_name: c.shop_name, number, waybill_state, print_state, evidence, attention, reference: "", stop: "", purged: seq === 33,
});
const rows = [
  row(44, "孙*", "山东省 青岛市 市南区", "海苔 ×6", zto, "73120045998134", "issued", "queued", "", "", 1),
  row(43, "吴*山", "福建省 厦门市 思明区", "茶叶 ×2", zto, "", "intent", "", "", "", 1),
  row(42, "张*", "河北省 石家庄市 裕华区", "儿童绘本 ×5", zto, "", "rejected", "", "", "rejected", 3),
  row(41, "陈**李", "香港 九龙 观塘区", "耳机 ×1", sf, "", "unknown", "", "", "unknown", 5),
  row(40, "马*夏", "宁夏回族自治区 银川市 金凤区", "枸杞礼盒 ×3", yto, "YT2820045512331", "issued", "doubtful", "", "doubtful", 8),
  row(39, "周*", "上海市 上海市 浦东新区", "手账本 ×2，钢笔 ×1", zto, "73120045998116", "issued", "failed", "", "failed", 9),
  row(38, "欧*明", "广东省 深圳市 福田区", "手冲壶 ×1", zto, "73120045998109", "issued", "sent", "peer_closed", "", 11),
  row(37, "喆*", "四川省 成都市 武侯区", "青瓷茶具 ×1，杯垫 ×4", zto, "73120045998106", "issued", "sent", "bytes_accepted", "", 12),
  row(36, "古****买", "新疆维吾尔自治区 喀什地区 莎车县", "羊毛毯 ×1", zto, "73120045998101", "issued", "confirmed", "odometer", "", 15),
  row(35, "林*然", "浙江省 杭州市 西湖区", "棉麻衬衫 ×1，收纳盒 ×2", zto, "73120045998098", "issued", "confirmed", "device_status", "", 17),
  row(34, "赵*", "北京市 北京市 海淀区", "文具套装 ×1", zto, "73120045998095", "cancelled", "sent", "bytes_accepted", "", 21),
  row(33, "钱*多", "江苏省 苏州市 姑苏区", "桂花糕 ×8", zto, "73120045998091", "issued", "confirmed", "person", "", 26),
  row(32, "L**********n", "台湾 台北市 大安区", "Bluetooth speaker ×1", sf, "SF1420098812345", "needs_person", "", "", "unknown", 55),
  ...Array.from({ length: 14 }, (_, i) => row(31 - i, "何*芳", "湖北省 武汉市 洪山区", "帆布袋 ×1", zto, `731200459980${70 - i}`, "issued", "confirmed", "odometer", "", 60 + i * 2)),
];
const trailOf = (r) => [
  { at: r.created_at, who: r.created_by, action: "order.submit", detail: "" },
  { at: r.created_at + 300, who: "desk", action: "waybill.send", detail: "" },
  ...(r.number ? [{ at: r.created_at + 900, who: "desk", action: "waybill.issued", detail: "" }] : []),
  ...(r.waybill_state === "unknown" ? [{ at: r.created_at + 30_300, who: "desk", action: "waybill.unknown", detail: "" }] : []),
  ...(r.waybill_state === "rejected" ? [{ at: r.created_at + 700, who: "desk", action: "waybill.rejected", detail: "" }] : []),
  ...(r.print_state === "sent" || r.print_state === "confirmed" ? [{ at: r.created_at + 950, who: "desk", action: "print.rendered", detail: "" }, { at: r.created_at + 1200, who: "desk", action: "print.sent", detail: "" }] : []),
  ...(r.print_state === "confirmed" ? [{ at: r.created_at + 2200, who: "desk", action: "print.confirmed", detail: "" }] : []),
];
function view(id) {
  const r = rows.find((x) => x.id === id) ?? rows[7];
  const person = contact(r.recipient_name, "138******20", address(...r.recipient_area.split(" "), "桂溪街道", "天府大道***"));
  const reasons = { rejected: ["balance", "余额不足，请联系网点充值[isv.balance-not-enough]"], unknown: ["", ""], needs_person: ["", "Service temporarily unavailable"] };
  const [reason, hint] = reasons[r.waybill_state] ?? ["", ""];
  const asked = r.waybill_state === "unknown" ? 3 : r.waybill_state === "needs_person" ? 29 : 0;
  return {
    row: r, sender: contact("青*活馆", "057*-*****391", { ...home, detail: "勾运路***" }), recipient: person,
    goods: r.goods.split("，").map((g) => ({ name: g.split(" ×")[0], count: Number(g.split("×")[1]) })), remark: r.seq === 37 ? "易碎，轻放" : "", template: "t100x180",
    waybills: [{ id: `w-${r.seq}`, attempt: 1, state: r.waybill_state, number: r.number, courier_code: r.courier_code, courier_name: r.courier_name, shop_name: r.shop_name, account: "571001", reason, hint, asked, next_ask_at: r.waybill_state === "unknown" ? now + 2 * min : null, print_data: r.number ? "plain" : "missing", component: "", created_at: r.created_at, ended_at: null }],
    prints: r.print_state ? [{ id: `j-${r.seq}`, parcel: r.id, carrier_label: "", number: r.number, copy: 0, mark: "", reason: "", by: r.created_by, printer: "pr1", printer_name: "佳博 GP-1324D", state: r.print_state, evidence: r.evidence, trouble: r.print_state === "failed" ? "connection refused" : "", bytes: 144_212, accepted: r.print_state === "doubtful" ? 61_440 : r.print_state === "failed" ? 0 : 144_212, template: "t100x180", created_at: r.created_at, ended_at: null }] : [],
    trail: trailOf(r), may_cancel: r.waybill_state === "issued", may_reprint: r.waybill_state === "issued", reprints_left: null, may_retry: r.waybill_state === "rejected" || r.waybill_state === "cancelled",
  };
}
const picture = { png_base64: label, width_dots: 800, height_dots: 1440, dpi: 203, width_mm: 100, height_mm: 180 };
const typed = {
  v: 1, press: null,
  typed: {
    sender: contact("青禾生活馆", "0571-88663391", home), recipient: contact("喆丽", "13812346720", address("四川省", "成都市", "武侯区", "桂溪街道", "天府大道中段 666 号 2 栋 1801")),
    goods: [{ name: "青瓷茶具", count: "1" }, { name: "杯垫", count: "4" }], remark: "易碎，轻放", weight: "1280", courier: "", printer: "", template: "",
  },
};
const attempt = (state, extra = {}) => ({
  id: "a1", platform: "taobao", way: "browser", state, reason: "", hint: "", asked_by: "王店主", created_at: now, expires_at: now + 10 * min, seconds_left: 521,
  doors: ["loopback", "paste"], shop_name: "", shop_id: "", renews: false, grant: "", browser_opened: true, ...extra,
});
const qr = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 29 29" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h29v29H0z"/>${Array.from({ length: 29 * 29 }, (_, i) => [i % 29, Math.floor(i / 29)]).filter(([x, y]) => (x < 7 && y < 7) || (x > 21 && y < 7) || (x < 7 && y > 21) ? !(x % 22 === 1 || y % 22 === 1 || x % 22 === 5 || y % 22 === 5) || x % 22 === 0 || y % 22 === 0 || x % 22 === 6 || y % 22 === 6 : (x * 7 + y * 13 + x * y) % 3 === 0).map(([x, y]) => `<path d="M${x} ${y}h1v1h-1z"/>`).join("")}</svg>`;

const backup = (n, ago) => ({ id: String(n), at: now - ago * day, how: "nightly", state: "good", file: `/home/wang/.local/share/app.waybilldesk-backups/waybill-${n}.wbdesk`, bytes: 2_621_440 + n * 9000, rows: 4100 + n, log_rows: 2900 + n, log_head: "9c1f".repeat(16), trouble: "", detail: "" });
const inside = { made_at: now - day, program: "0.1.0", trial: false, bytes: 2_621_440, shops: ["青禾生活馆", "青禾茶器专营店"], people: 3, parcels: 1204, numbers: 1219, labels: 1260, printers: 2, templates: 1, rows: 4108, log_rows: 2908, log_head: "9c1f".repeat(16) };
const cardWords = "的一是在不了有和人这中大为上个国我以要他时来用们".split("");
const cardPicture = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 740 310" font-family="'Noto Sans CJK SC',sans-serif"><rect width="740" height="310" rx="10" fill="#fff" stroke="#bbb"/>${cardWords.map((w, n) => `<text x="${42 + Math.floor(n / 8) * 150}" y="${40 + (n % 8) * 34}" text-anchor="end" font-size="13" fill="#777">${n + 1}</text><text x="${52 + Math.floor(n / 8) * 150}" y="${40 + (n % 8) * 34}" font-size="19" font-weight="600">${w}</text>`).join("")}<g transform="translate(490 42)"><rect width="224" height="224" fill="#ddd"/></g></svg>`;

let scene = {};
const is = (name) => scene.name === name;
class Refusal extends Error {
  constructor(code, more = {}) {
    super(code);
    this.api = { code, message: code, hint: "", detail: "", fields: [], ...more };
  }
}
const me = () => {
  const p = people.find((x) => x.post === (scene.role ?? "owner"));
  const rights = p.post === "owner" ? all : p.post === "clerk" ? ["view_grants", "submit_order", "cancel_waybill", "reprint", "view_history", "reveal_personal"] : ["start_grant", "view_grants"];
  return { id: p.id, name: p.name, post: p.post, post_name: "", rights, standing: scene.standing ?? "certified", certify_by: now + 5 * day, password_due: scene.due ?? false, has_pin: p.has_pin, has_totp: p.has_totp };
};
const couriers = () => (is("no_courier") ? [] : is("empty") ? [] : [zto, yto, sf]);
const shownRows = () => (is("empty") ? [] : rows);

const answers = {
  "app.state": () => {
    if (scene.startup) throw new Refusal(scene.startup, { detail: "/home/wang/.local/share/app.waybilldesk" });
    return { version: "0.1.0", backup_trouble: is("no_card") ? "no_card" : is("backup_failed") ? "folder" : "", grants_end_in: is("first") || scene.locked ? null : 6, trial: scene.trial ?? false, first_run: is("first"), me: is("first") || scene.locked ? null : me(), people: is("first") ? [] : people.filter((p) => !p.departed_at).map((p) => p.name), pins: scene.pins ?? [], lock_minutes: 15, key_place: "os_store", folder: "/home/wang/.local/share/app.waybilldesk" };
  },
  "setup.owner": () => me(),
  "session.login_with_code": ({ password }) => {
    if (scene.sms) throw new Refusal("code_needed", { detail: "sms 138******00 60" });
    if (password === "wrong") throw new Refusal("login_wrong");
    scene.locked = false;
    return { me: me(), token: "", expires_at: 0 };
  },
  "session.lock": () => ((scene.locked = true), {}),
  "people.list": () => { if (is("first_use") || is("first_use_owner")) throw new Refusal("first_use"); return people; },
  "people.first_use": () => ({ done: false, phone: "138******00", ways: is("first_use_owner") ? [{ way: "owner", why_not: "" }, { way: "sms", why_not: "no_provider" }, { way: "totp", why_not: "no_totp" }] : [{ way: "sms", why_not: "" }, { way: "totp", why_not: "" }, { way: "owner", why_not: "has_code" }] }),
  "people.send_code": () => ({ phone: "138******00", lives_s: 300, again_s: 60 }),
  "people.print_badge": () => ({ person: people[1], printed: "sent", reason: "" }),
  "session.badge": () => { throw new Refusal("code_needed", { detail: "pin 陈小禾" }); },
  "sms.state": () => ({ set: true, host: "sms.example.com", entered_at: now - day, people: 2 }),
  "sms.save": () => ({ set: true, host: "sms.example.com", entered_at: now - day, people: 2 }),
  "posts.list": () => posts,
  "people.rules": () => ({ lock_minutes: 15, rotation_days: 180, id_card: false }),
  "people.holdings": () => ({ attempts: 1, batches: ["B0412"], grants: ["青禾生活馆"], draft: true }),
  "people.add": () => { throw new Refusal("name_taken", { fields: [{ field: "name", code: "taken", detail: "陈小禾" }] }); },
  "accounts.platforms": () => (is("no_app") ? platforms.map((p) => ({ ...p, app_set: p.secret_mode === "native", app_key: "", callback: "", doors: [] })) : platforms),
  "accounts.list": () => (is("empty") || is("no_app") ? [] : grants),
  "accounts.attempts": () => (scene.attempt ? [attempt(scene.attempt, scene.with)] : []),
  "accounts.attempt": () => attempt(scene.attempt ?? "open", scene.with),
  "accounts.start": () => ((scene.attempt ??= "open"), attempt(scene.attempt, scene.with)),
  "accounts.copy_link": () => ({}),
  "accounts.open": () => attempt("open"),
  "accounts.paste": () => { throw new Refusal("answer_refused"); },
  "accounts.cancel": () => attempt("cancelled"),
  "accounts.confirm": ({ right_shop }) => (right_shop ? attempt("active", { shop_name: "青禾生活馆", shop_id: "2208456712", grant: "g1" }) : attempt("refused", { reason: "wrong_shop" })),
  "accounts.reload": () => grants[0],
  "accounts.details": () => ({ courier: "c2", step: scene.step ?? 2, sender_name: "青禾生活馆", sender_phone: "0571-88663391", sender_address: 0, payer: scene.step === 3 ? "杭州青禾文化创意有限公司" : "", payer_contact: "王青禾", payer_phone: "13805710000", customer_code: "", done: false }),
  "accounts.save_details": (d) => d,
  "accounts.set_default": () => { throw new Refusal("details_missing"); },
  "accounts.suspend": () => grants[2],
  "accounts.resume": () => grants[0],
  "accounts.set_app": () => platforms[0],
  "accounts.revoke": () => ({ acknowledged: false, queued: false, page: "https://mai.taobao.com/auth_manage?from=waybilldesk" }),
  "orders.form": () => ({ sender: is("no_courier") ? blank : contact("青禾生活馆", "0571-88663391", home), couriers: couriers(), default_courier: couriers().length ? "c1" : "", templates, printers: is("empty") ? [] : printers, default_printer: is("empty") ? "" : "pr1", draft: is("draft") || is("submit_error") || is("submitted") ? JSON.stringify(typed) : "" }),
  "orders.save_draft": () => ({}),
  "orders.preview": (o) => {
    if (o.recipient.name === "") throw new Refusal("invalid_input", { fields: [{ field: "recipient.name", code: "required", detail: "" }] });
    return picture;
  },
  "orders.submit": () => {
    if (is("submit_error")) throw new Refusal("invalid_input", { fields: [{ field: "recipient.phone", code: "bad_phone", detail: "" }, { field: "goods[0].name", code: "missing_glyph", detail: "🫖" }] });
    return view("parcel-37");
  },
  "orders.list": ({ filter, search, limit }) => {
    const all = shownRows().filter((r) => (filter === "attention" ? r.attention : true)).filter((r) => !search || r.number.startsWith(search) || r.id.startsWith(search));
    return { rows: all.slice(0, limit), next: all.length > limit ? all[limit - 1].seq : null };
  },
  "orders.show": ({ id }) => view(id),
  "orders.reveal": ({ id }) => ({ sender: contact("青禾生活馆", "0571-88663391", home), recipient: { ...view(id).recipient, name: "喆丽", phone: "13812346720" } }),
  "orders.picture": () => picture,
  "orders.ask_now": ({ id }) => view(id),
  "prints.reprint": () => view("parcel-37").prints[0],
  "prints.confirm": () => view("parcel-37").prints[0],
  "carrier_labels.list": () => ({ rows: is("empty") ? [] : carrierPrinted }),
  "carrier_labels.read": (r) => carrierRead(r),
  "carrier_labels.print": (r) => carrierPrinted[0] && { ...carrierPrinted[0], page: r.page },
  "carrier_labels.reprint": () => carrierPrinted[0],
  "custom_areas.list": () => [
    { grant: "", shop_name: "", own: true, text: "谢谢惠顾，七天无理由退换。", goods: true, remark: "微信 qinghe2026", station: "A" },
    { grant: "g1", shop_name: "青禾生活馆", own: false, text: "谢谢惠顾，七天无理由退换。", goods: true, remark: "微信 qinghe2026", station: "A" },
  ],
  "custom_areas.save": () => ({}),
  "templates.list": () => [
    { id: "waybill-76x130", name: "电子面单 76×130 mm", width_mm: 76, height_mm: 130, version: 0, made_from: "", saved_at: 0, saved_by: "" },
    { id: "waybill-100x180", name: "电子面单 100×180 mm", width_mm: 100, height_mm: 180, version: 0, made_from: "", saved_at: 0, saved_by: "" },
    { id: "own-1a2b3c4d", name: "青禾 双十一赠品版（名字特别长的一个样式）", width_mm: 100, height_mm: 180, version: 3, made_from: "waybill-100x180", saved_at: now - day, saved_by: "王店主" },
  ],
  "templates.show": (r) => ({ id: r.id, version: r.id.startsWith("own") ? 3 : 0, own: r.id.startsWith("own"), name: "青禾", text: `# 青禾\nid = "qinghe"\nname = "青禾 双十一赠品版"\nwidth = 100\nheight = 180\n${"\n[[item]]\nkind = \"text\"\ntext = \"{courier}\"\nbox = [3, 2.4, 42, 7.2]\nsize = 5\nmin_size = 2.8\nweight = \"bold\"\n".repeat(9)}` }),
  "templates.preview": (r) => (r.text.includes("oops") ? { picture: null, fault: { line: 10, column: 7, item: 1, key: "box", field: "", code: "bad_template", reason: "lies outside the label, or outside its row" } } : { picture: { png_base64: label, width_dots: 800, height_dots: 1440, dpi: 203, width_mm: 100, height_mm: 180 }, fault: null }),
  "templates.copy": () => ({}),
  "templates.remove": () => ({}),
  "templates.save": (r) => ({ id: r.id || "own-9", name: "青禾", width_mm: 100, height_mm: 180, version: r.after + 1, made_from: "", saved_at: now, saved_by: "王店主" }),
  "prints.today": () => (is("empty") ? [] : [{ courier_code: "ZTO", courier_name: "中通快递", sent: 41, confirmed: 38, attention: 2 }, { courier_code: "SF", courier_name: "顺丰速运", sent: 7, confirmed: 7, attention: 0 }]),
  "printers.labels": () => ({ rows: is("empty") ? [] : rows.filter((r) => r.number).slice(0, 4).map((r, i) => ({ id: `print-${r.seq}`, parcel: r.id, number: r.number, copy: i === 1 ? 1 : 0, reason: "", by: "陈小禾", printer: "pr1", printer_name: "佳博", state: "sent", evidence: "bytes_accepted", trouble: "", bytes: 1, accepted: 1, template: "t", created_at: now, ended_at: now })) }),
  "prints.picture": () => ({ png_base64: label, width_dots: 800, height_dots: 1440, dpi: 203, width_mm: 100, height_mm: 180 }),
  "printers.doctor": () => ({ printer: printers[0], calibrates: true, lines: [
    ["reach", "good", "reached", "tcp://192.168.1.50:9100"], ["state", "wrong", "stopped", "paper_out head_open"], ["family", "warn", "unknown", "tspl"], ["head", "good", "wide_enough", "832"],
    ["template", "good", "fits", "waybill-100x180"], ["measured", "wrong", "differs", "130 180"], ["last", "good", "confirmed", ""], ["busy", "warn", "batch", "B0412"],
  ].map(([what, verdict, code, detail]) => ({ what, verdict, code, detail, message: "", hint: "" })) }),
  "printers.adjust": (r) => ({ ...printers[0], ...r }),
  "printers.calibrate": () => ({ outcome: "sent", reason: "", measured_mm: 130, fits: false }),
  "rules.list": () => (is("empty") ? [] : [
    { courier_code: "ZTO", template: "t76x130", station: "", printer: "pr2", printer_name: printers[1].name, stand_in: "", stand_in_name: "" },
    { courier_code: "SF", template: "", station: "二楼打包台", printer: "pr1", printer_name: printers[0].name, stand_in: "pr2", stand_in_name: printers[1].name },
  ]),
  "rules.save": () => ({}),
  "rules.try": () => ({ printer: "pr2", printer_name: printers[1].name, rule: 2, why: [{ rule: 1, because: "template" }, { rule: 2, because: "" }], instead_of: printers[0].name, trouble: "paper_out", stays: "", station: "window" }),
  "printers.list": () => (is("empty") ? [] : printers),
  "printers.state": ({ id }) => (id === "pr1" ? { id, state: scene.printer ?? "cannot_tell", stops: scene.printer === "stopped" ? ["paper_out"] : [], reason: "" } : { id, state: "ready", stops: [], reason: "" }),
  "printers.test": () => ({ outcome: "sent", evidence: "peer_closed", reason: "" }),
  "printers.families": () => [{ id: "gprinter", name: "Gprinter 佳博, Gainscha", language: "tspl" }, { id: "zebra", name: "Zebra ZD, ZT, GK, GX, GC, ZM", language: "zpl" }],
  "printers.queues": () => [{ name: "zd421", info: "Zebra ZD421", device: "usb://Zebra", address: "cups://zd421", language: "zpl", family: "zebra" }, { name: "xp420", info: "XP-420B", device: "usb://XP", address: "cups://xp420", language: "", family: "" }],
  "log.list": () => ({ rows: rows.slice(0, 20).flatMap((r, i) => trailOf(r).map((l, k) => ({ seq: 900 - i * 10 - k, at: l.at, person: l.who, station: l.who === "desk" ? "desk" : "window", action: l.action, object: r.id, detail: k === 0 ? "courier=ZTO" : "" }))), next: 700 }),
  "log.verify": () => ({ rows: 913, whole: true, verdict: "whole", first_bad: null, head: "9c1f", anchors: 12 }),
  "log.close_day": () => ({ anchor: "WBD1.914.9c1f", rows: 914, printed: "sent", reason: "" }),
  "backup.state": () => ({
    trouble: is("no_card") ? "no_card" : is("backup_failed") ? "folder" : "", running: false, folder: "/home/wang/.local/share/app.waybilldesk-backups", usual_folder: true,
    card: is("no_card") ? null : { id: "7f3a19c2e0b4d581", made_at: now - 30 * day, by: "王店主" }, last_good: is("no_card") ? null : now - 0.4 * day,
    rows: is("no_card") ? [] : [...(is("backup_failed") ? [{ ...backup(9, 0.1), state: "failed", trouble: "folder", file: "", detail: "No such file or directory" }] : []), backup(8, 0.4), backup(7, 1.4), { ...backup(6, 2.1), how: "by_hand" }, backup(5, 9), backup(4, 40)],
  }),
  "backup.create": () => backup(10, 0),
  "backup.verify": () => inside,
  "backup.set_folder": () => { throw new Refusal("invalid_input", { fields: [{ field: "folder", code: "bad_folder", detail: "backups" }] }); },
  "backup.card_begin": () => ({ ask: [3, 9, 14, 22], until: now, replaces: false }),
  "backup.card_forget": () => ({}),
  "backup.card_confirm": () => { throw new Refusal("invalid_input", { fields: [{ field: "words[2]", code: "other_word", detail: "14" }] }); },
  "backup.files": () => ({ folder: "/media/usb", files: [1, 2, 3].map((n) => ({ file: `/media/usb/waybill-2026112${n}-020000-7f3a19c2.wbdesk`, made_at: now - n * day, bytes: 2_621_440, card: "7f3a19c2e0b4d581" })) }),
  "backup.look": ({ words }) => { if (words.includes("错")) throw new Refusal("backup_refused", { detail: "other_card" }); return inside; },
  "data.state": () => ({ keep_days: 90, least_days: 7, most_days: 1095, due: 12, export_folder: "/home/wang/.local/share/app.waybilldesk-exports" }),
  "data.set_keep": ({ days }) => ({ keep_days: days, least_days: 7, most_days: 1095, due: 0, export_folder: "" }),
  "data.purge_now": () => ({ parcels: 12, files: 0, drafts: 0, gone: true }),
  "data.find_person": () => ({ total: 3, rows: rows.slice(6, 9) }),
  "data.export": () => ({ folder: "/home/wang/.local/share/app.waybilldesk-exports/waybill-export-20261127-141501", rows: 4120, masked: true }),
  events: () => ({ last: 0, events: [] }),
  fixture: (s) => ((scene = s), {}),
};

const csp = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; object-src 'none'";
const kinds = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css" };

createServer(async (req, res) => {
  try {
    if (req.url.startsWith("/desk/")) {
      let body = "";
      for await (const part of req) body += part;
      const name = req.url.slice(6);
      if (!answers[name]) throw new Refusal("internal", { message: `the fixtures do not know ${name}` });
      const answer = JSON.stringify(answers[name](JSON.parse(body || "{}")));
      res.writeHead(200, { "content-type": "application/json" }).end(answer);
      return;
    }
    if (req.url.startsWith("/qr/")) {
      res.writeHead(200, { "content-type": "image/svg+xml" }).end(req.url.startsWith("/qr/card") ? cardPicture : qr);
      return;
    }
    const path = normalize(req.url === "/" ? "/index.html" : req.url).replace(/^(\.\.[/\\])+/, "");
    const file = await readFile(join(dist, path));
    res.writeHead(200, { "content-type": kinds[extname(path)] ?? "application/octet-stream", "content-security-policy": csp }).end(file);
  } catch (e) {
    res.writeHead(e instanceof Refusal ? 422 : 404, { "content-type": "application/json" }).end(JSON.stringify(e.api ?? { code: "internal", message: String(e) }));
  }
}).listen(port, "127.0.0.1", () => console.log(`fixtures on http://127.0.0.1:${port}`));
