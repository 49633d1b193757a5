//! The pages a person sees: login, consent, and what went wrong. No scripts.
//!
//! For web driver tests: every page has `<body id="practice-…">`; ids and names are stable:
//! login `#practice-login`: inputs `#account` (name `account`) and `#password` (name `password`), button `#login`
//! (授权并登录), and `#error` after a wrong password; consent `#practice-consent`: `#shop`, `#scopes`, buttons `#grant` (授权, name
//! `answer` value `grant`) and `#refuse` (拒绝, value `refuse`); trouble `#practice-error`: `#reason`.

use super::Inner;
use super::apps::with_params;
use super::grants::Visit;
use super::ledger::Server;
use super::shops::{self, PRACTICE_PASSWORD, SHOPS};
use axum::extract::{Form, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use std::sync::Arc;

pub(crate) fn routes() -> axum::Router<Arc<Inner>> {
    axum::Router::new()
        .route("/", get(front))
        .route("/taobao/authorize/login", post(login))
        .route("/taobao/authorize/consent", post(consent))
        .route("/standard/authorize/login", post(login))
        .route("/standard/authorize/consent", post(consent))
}

/// The login page of a visit.
pub(crate) fn login_page(word: &str, visit: &Visit, error: Option<&str>) -> Response {
    let accounts = SHOPS.iter().flat_map(|s| [s.nick, s.sub.0]);
    let hints: String = accounts.clone().map(|a| format!("<li><code>{}</code></li>", escape(a))).collect();
    let options: String = accounts.map(|a| format!("<option value=\"{}\">", escape(a))).collect();
    let error =
        error.map_or(String::new(), |e| format!("<p class=\"bad\" id=\"error\" role=\"alert\">{}</p>", escape(e)));
    let (place, action) = place(visit.server);
    page(
        StatusCode::OK,
        "practice-login",
        "登录 · 练习市场",
        &format!(
            "<h1>{place}</h1>\
             <p class=\"lead\">登录后，<b>{app}</b> 将请求使用您店铺的电子面单。</p>{error}\
             <form method=\"post\" action=\"{action}/login\" autocomplete=\"off\">\
             <input type=\"hidden\" name=\"visit\" value=\"{word}\">\
             <label for=\"account\">账号</label>\
             <input id=\"account\" name=\"account\" list=\"accounts\" required autofocus>\
             <datalist id=\"accounts\">{options}</datalist>\
             <label for=\"password\">密码</label>\
             <input id=\"password\" name=\"password\" type=\"password\" required>\
             <button id=\"login\" type=\"submit\">授权并登录</button></form>\
             <div class=\"hint\"><p>练习账号（密码都是 <code>{PRACTICE_PASSWORD}</code>）：</p><ul>{hints}</ul></div>",
            app = escape(app_name(&visit.app)),
        ),
    )
}

/// The page for an address that must not be answered by a redirect.
pub(crate) fn error_page(status: StatusCode, reason: &str) -> Response {
    page(
        status,
        "practice-error",
        "无法授权 · 练习市场",
        &format!(
            "<h1>无法继续授权</h1><p class=\"bad\" id=\"reason\" role=\"alert\">{}</p>\
             <p class=\"lead\">请回到打开此页的程序，重新发起授权。</p>",
            escape(reason)
        ),
    )
}

fn consent_page(word: &str, visit: &Visit, login: &str) -> Response {
    let (place, action) = place(visit.server);
    let scopes: String = visit
        .scope
        .split(' ')
        .filter(|s| !s.is_empty())
        .map(|s| format!("<li><b>{}</b><small>{}</small></li>", escape(scope_words(s)), escape(s)))
        .collect();
    page(
        StatusCode::OK,
        "practice-consent",
        "确认授权 · 练习市场",
        &format!(
            "<h1>{place}</h1>\
             <p class=\"lead\"><b>{app}</b> 申请代表店铺 <b id=\"shop\">{shop}</b> 使用：</p>\
             <ul id=\"scopes\" class=\"scopes\">{scopes}</ul>\
             <form method=\"post\" action=\"{action}/consent\">\
             <input type=\"hidden\" name=\"visit\" value=\"{word}\">\
             <button id=\"grant\" name=\"answer\" value=\"grant\" type=\"submit\">授权</button>\
             <button id=\"refuse\" class=\"plain\" name=\"answer\" value=\"refuse\" type=\"submit\">拒绝</button></form>\
             <p class=\"small\">授权后可随时在平台的授权管理中取消。</p>",
            app = escape(app_name(&visit.app)),
            shop = escape(login),
        ),
    )
}

#[derive(Deserialize)]
struct LoginForm {
    visit: String,
    #[serde(default)]
    account: String,
    #[serde(default)]
    password: String,
}

async fn login(State(inner): State<Arc<Inner>>, Form(form): Form<LoginForm>) -> Response {
    let Some(visit) = inner.visit(&form.visit) else { return visit_gone() };
    let account = form.account.trim();
    if form.password != PRACTICE_PASSWORD || shops::by_login(account).is_none() {
        return login_page(&form.visit, &visit, Some("账号或密码不正确，请重新输入。"));
    }
    inner.visit_logged_in(&form.visit, account);
    consent_page(&form.visit, &visit, account)
}

#[derive(Deserialize)]
struct ConsentForm {
    visit: String,
    #[serde(default)]
    answer: String,
}

async fn consent(State(inner): State<Arc<Inner>>, Form(form): Form<ConsentForm>) -> Response {
    let Some(visit) = inner.visit(&form.visit) else { return visit_gone() };
    let Some(login) = visit.login.clone() else { return login_page(&form.visit, &visit, None) };
    if form.answer != "grant" && form.answer != "refuse" {
        return consent_page(&form.visit, &visit, &login);
    }
    // Two presses at once: only one of them ends the visit.
    let Some(visit) = inner.end_visit(&form.visit) else { return visit_gone() };
    if form.answer == "refuse" {
        return redirect_with(&inner, &visit, &[("error", "access_denied"), ("error_description", "用户拒绝授权")]);
    }
    let code = inner.issue_code(visit.clone());
    redirect_with(&inner, &visit, &[("code", &code)])
}

/// Sends the browser home with these parameters, `state` (if it was given) and, for the standard server, `iss`.
pub(crate) fn redirect_with(inner: &Inner, visit: &Visit, params: &[(&str, &str)]) -> Response {
    let mut all = params.to_vec();
    if !visit.state.is_empty() {
        all.push(("state", &visit.state));
    }
    let issuer = inner.issuer();
    if visit.server == Server::Standard {
        all.push(("iss", &issuer));
    }
    let Ok(location) = HeaderValue::from_str(&with_params(&visit.redirect, &all)) else {
        return error_page(StatusCode::BAD_REQUEST, "redirect_uri 无法使用");
    };
    let mut answer = StatusCode::FOUND.into_response();
    answer.headers_mut().insert(header::LOCATION, location);
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    answer
}

async fn front(State(inner): State<Arc<Inner>>) -> Response {
    page(
        StatusCode::OK,
        "practice-front",
        "练习市场",
        &format!(
            "<h1>练习市场</h1><p class=\"lead\">这里的店铺、快递、余额和单号都是练习用的，不会产生费用。</p>\
             <ul class=\"scopes\"><li><b>练习淘宝</b><small>{base}taobao/</small></li>\
             <li><b>标准授权服务</b><small>{base}standard</small></li>\
             <li><b>练习手机</b><small><a href=\"/sms/\">{base}sms/</a></small></li></ul>",
            base = inner.base
        ),
    )
}

fn visit_gone() -> Response {
    error_page(StatusCode::GONE, "此授权页面已失效或已使用过。")
}

fn place(server: Server) -> (&'static str, &'static str) {
    match server {
        Server::Taobao => ("练习淘宝 · 店铺授权", "/taobao/authorize"),
        Server::Standard => ("标准授权服务（练习）", "/standard/authorize"),
    }
}

fn app_name(key: &str) -> &str {
    match key {
        shops::PRACTICE_APP_KEY | shops::STANDARD_CLIENT_ID => "面单台",
        other => other,
    }
}

fn scope_words(scope: &str) -> &str {
    match scope {
        "waybill.issue" => "获取、查询和取消电子面单",
        "couriers.read" => "读取已开通的快递、网点和余额",
        "shop.read" | "profile" => "读取店铺名称和编号",
        "openid" => "确认登录身份",
        "orders.read" => "读取订单",
        other => other,
    }
}

pub(crate) fn page(status: StatusCode, id: &str, title: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width,initial-scale=1\"><title>{title}</title><style>{STYLE}</style></head>\
         <body id=\"{id}\"><div class=\"edge\" aria-hidden=\"true\"></div><main>\
         <p class=\"badge\">练习市场 · 不是真实平台</p>{body}</main></body></html>"
    );
    let mut answer = (status, Html(html)).into_response();
    let h = answer.headers_mut();
    // No form-action: Chromium would hold it against the redirect to the program's own scheme after consent.
    h.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
        ),
    );
    h.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    h.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    h.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer
}

/// Makes text safe inside HTML text and quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut s, c| {
        match c {
            '&' => s.push_str("&amp;"),
            '<' => s.push_str("&lt;"),
            '>' => s.push_str("&gt;"),
            '"' => s.push_str("&quot;"),
            '\'' => s.push_str("&#39;"),
            c => s.push(c),
        }
        s
    })
}

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:light-dark(#1d2420,#e8ece9);--soft:light-dark(#5b665f,#a3ada7);\
--ground:light-dark(#f4f2ec,#161a18);--card:light-dark(#fff,#1f2522);--line:light-dark(#d9d6cb,#364039);\
--go:light-dark(#1f6f54,#4cb48f);--bad:light-dark(#a3271f,#ff8a80)}\
*{box-sizing:border-box}body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--ground);\
color:var(--ink);font:16px/1.6 system-ui,'Noto Sans CJK SC','Noto Sans SC','Microsoft YaHei',sans-serif}\
.edge{position:fixed;inset:0;pointer-events:none;border:14px solid;\
border-image:repeating-linear-gradient(45deg,#e0a526 0 14px,#2b2b2b 14px 28px) 14}\
main{width:min(27rem,calc(100vw - 64px));margin:40px 0;padding:32px;background:var(--card);\
border:1px solid var(--line);border-radius:12px;box-shadow:0 12px 40px #0000001a}\
.badge{display:inline-block;margin:0 0 12px;padding:2px 10px;border-radius:99px;background:#e0a526;color:#221a00;\
font-size:.8rem;font-weight:600}h1{margin:0 0 4px;font-size:1.35rem}.lead{margin:0 0 20px;color:var(--soft)}\
.lead b{color:var(--ink)}label{display:block;margin:14px 0 4px;font-size:.9rem}\
input{width:100%;padding:10px 12px;border:1px solid var(--line);border-radius:8px;background:var(--ground);\
color:inherit;font:inherit}input:focus-visible,button:focus-visible{outline:3px solid var(--go);outline-offset:2px}\
button{width:100%;margin-top:20px;padding:12px;border:1px solid var(--go);border-radius:8px;background:var(--go);\
color:light-dark(#fff,#08130e);font:inherit;font-weight:600;cursor:pointer}\
button.plain{margin-top:10px;background:none;color:inherit;border-color:var(--line)}\
.hint{margin-top:24px;padding-top:12px;border-top:1px dashed var(--line);color:var(--soft);font-size:.88rem}\
.hint p{margin:0}.hint ul{margin:4px 0 0;padding-left:1.2em}code{font-family:ui-monospace,monospace}\
.scopes{margin:0;padding:0;list-style:none}.scopes li{padding:10px 0;border-bottom:1px solid var(--line)}\
.scopes small{display:block;color:var(--soft)}.bad{padding:8px 12px;border-left:4px solid var(--bad);color:var(--bad)}\
.small{margin:14px 0 0;color:var(--soft);font-size:.85rem}";

#[cfg(test)]
mod tests {
    #[test]
    fn hostile_text_stays_text() {
        assert_eq!(super::escape("<b a='\"'>&"), "&lt;b a=&#39;&quot;&#39;&gt;&amp;");
    }
}
