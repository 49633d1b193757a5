// A real OAuth 2 / OpenID Connect server, nobody's of this house: npm `oidc-provider`, for the standard connector.
//
//   node server.mjs [PORT] [--with-stdin]
//
// Listens on 127.0.0.1 only (PORT, or any free one). The first line on stdout is one JSON object with its addresses;
// every further line is one event: {"event":"access_token.saved","id":"…"} and so on. The ids of opaque tokens are the
// tokens: a test asks the server itself whether one still lives. With --with-stdin it ends when its stdin does, so that
// it never outlives a killed test.
//
// Nothing is kept: keys, accounts and grants are gone with the process. Any login name is an account; there is no
// password, because it is the connector that is on trial here, not this page.
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const CLIENT = 'waybill-desk';
const args = process.argv.slice(2);
const port = Number(args.find((arg) => /^\d+$/.test(arg)) ?? 0);

// The library tells its news through console.info; stdout is for our lines only.
console.info = console.error;
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

// The issuer carries the port, so the port comes first.
const server = createServer();
await new Promise((listening, failed) => {
  server.once('error', failed).listen(port, '127.0.0.1', listening);
});
const issuer = `http://127.0.0.1:${server.address().port}`;

/** sub → the name typed at sign-in. */
const accounts = new Map();
const subOf = (login) => `u${createHash('sha256').update(login).digest('hex').slice(0, 16)}`;

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const provider = new Provider(issuer, {
  clients: [{
    client_id: CLIENT,
    client_name: '面单台',
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    // RFC 8252 §7.3: for a native client the server lets the port of a loopback address be any.
    redirect_uris: [
      'http://127.0.0.1/callback/standard',
      'http://[::1]/callback/standard',
      'app.waybilldesk:/callback/standard',
    ],
    id_token_signed_response_alg: 'ES256',
  }],
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256', kid: 'of-this-run' }] },
  cookies: { keys: [randomBytes(32).toString('hex')] },
  claims: { openid: ['sub'], profile: ['name'] },
  pkce: { required: () => true },
  features: {
    devInteractions: { enabled: false },
    introspection: { enabled: true },
    revocation: { enabled: true },
    userinfo: { enabled: true },
  },
  // Always, so that revoking has two tokens to end.
  issueRefreshToken: () => true,
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  ttl: { AccessToken: 3600, AuthorizationCode: 60, Grant: 86400, IdToken: 600, Interaction: 600, RefreshToken: 86400, Session: 600 },
  findAccount: (ctx, sub) => ({ accountId: sub, claims: () => ({ sub, name: accounts.get(sub) }) }),
});

for (const kind of ['access_token', 'refresh_token', 'authorization_code']) {
  for (const what of ['saved', 'consumed', 'destroyed']) {
    provider.on(`${kind}.${what}`, (token) => say({ event: `${kind}.${what}`, id: token.jti }));
  }
}
provider.on('grant.revoked', (ctx, id) => say({ event: 'grant.revoked', id }));
for (const door of ['authorization', 'grant', 'revocation', 'userinfo', 'introspection', 'server']) {
  const event = door === 'server' ? 'server_error' : `${door}.error`;
  provider.on(event, (ctx, error) => say({ event, error: error.error ?? error.message, detail: error.error_detail }));
}

const escaped = (text) => String(text).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
const page = (title, body) => `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>${title}</title>
<style>body{font:16px/1.6 system-ui,sans-serif;max-width:28em;margin:10vh auto;padding:0 1em;color-scheme:light dark}
input,button{font:inherit;padding:.4em .8em;margin:.3em 0}</style>
<h1>${title}</h1>${body}</html>`;

const loginPage = (uid) => page('登录', `
<form id="login-form" method="post" action="/interaction/${uid}/login">
<p><label for="login">账号</label> <input id="login" name="login" autocomplete="off" required autofocus>
<p><button id="sign-in" type="submit">登录</button></form>
<form id="abort-form" method="post" action="/interaction/${uid}/refuse"><button id="refuse" type="submit">取消</button></form>`);

const consentPage = (uid, params, name) => page('授权', `
<p><b id="client">${escaped(params.client_id)}</b> 请求访问 <b id="account">${escaped(name)}</b>：<span id="scope">${escaped(params.scope)}</span></p>
<form id="consent-form" method="post" action="/interaction/${uid}/authorise"><button id="authorise" type="submit">授权</button></form>
<form id="abort-form" method="post" action="/interaction/${uid}/refuse"><button id="refuse" type="submit">拒绝</button></form>`);

async function formOf(req) {
  let body = '';
  for await (const part of req) {
    body += part;
    if (body.length > 10_000) throw new Error('the form is too long');
  }
  return new URLSearchParams(body);
}

/** What the person agreed to becomes a grant of exactly what the request still lacked. */
async function authorised({ prompt, params, session, grantId }) {
  const known = grantId && await provider.Grant.find(grantId);
  const grant = known || new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  if (prompt.details.missingOIDCScope) grant.addOIDCScope(prompt.details.missingOIDCScope.join(' '));
  if (prompt.details.missingOIDCClaims) grant.addOIDCClaims(prompt.details.missingOIDCClaims);
  return { consent: { grantId: await grant.save() } };
}

async function interaction(req, res, step) {
  const details = await provider.interactionDetails(req, res);
  const finish = (result) => provider.interactionFinished(req, res, result, { mergeWithLastSubmission: true });
  if (req.method === 'GET' && step === undefined) {
    const html = details.prompt.name === 'login'
      ? loginPage(details.uid)
      : consentPage(details.uid, details.params, accounts.get(details.session.accountId));
    res.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(html);
  } else if (req.method === 'POST' && step === 'login' && details.prompt.name === 'login') {
    const login = (await formOf(req)).get('login')?.trim();
    if (!login) throw new Error('no login was typed');
    const accountId = subOf(login);
    accounts.set(accountId, login);
    await finish({ login: { accountId } });
  } else if (req.method === 'POST' && step === 'authorise' && details.prompt.name === 'consent') {
    await finish(await authorised(details));
  } else if (req.method === 'POST' && step === 'refuse') {
    await finish({ error: 'access_denied', error_description: 'the person at the page said no' });
  } else {
    res.writeHead(404).end();
  }
}

const standard = provider.callback();
server.on('request', (req, res) => {
  const own = /^\/interaction\/[\w-]+(?:\/(\w+))?$/.exec(req.url);
  if (!own) {
    standard(req, res);
    return;
  }
  interaction(req, res, own[1]).catch((error) => {
    say({ event: 'interaction.error', error: error.message });
    if (!res.headersSent) res.writeHead(400, { 'content-type': 'text/plain; charset=utf-8' });
    res.end('this page is over; start again');
  });
});

if (args.includes('--with-stdin')) process.stdin.on('end', () => process.exit(0)).resume();

say({
  issuer,
  authorize: `${issuer}/auth`,
  token: `${issuer}/token`,
  revoke: `${issuer}/token/revocation`,
  userinfo: `${issuer}/me`,
  introspect: `${issuer}/token/introspection`,
  client_id: CLIENT,
});
