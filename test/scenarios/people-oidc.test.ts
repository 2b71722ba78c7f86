// SPDX-License-Identifier: Apache-2.0
/** People who log in over an OpenID provider, one of other people's on loopback. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { ApiBrowser, type Seen } from '../support/api-browser.ts'
import {
  CLIENT_ID,
  CLIENT_SECRET,
  RunningOpenidProvider,
} from '../support/running-openid-provider.ts'
import { RunningRelay } from '../support/running-relay.ts'

const COOKIE = '__Host-posthaste-oidc'
/** Where browsers find the relay; what comes there is asked of its real port. */
const URL_OF_RELAY = 'http://localhost:8026'
const RETURN = `${URL_OF_RELAY}/api/v1/session/oidc/return`

const verified = { email_verified: true }

const running = new AsyncDisposableStack()
let provider: RunningOpenidProvider
let relay: RunningRelay

before(async () => {
  provider = running.use(
    await RunningOpenidProvider.start(
      {
        'sub-of-owner': { email: 'Owner@example.com', ...verified, name: 'The Owner' },
        'sub-of-ops': { email: 'ops@example.org', ...verified, name: 'Ops', groups: ['mail-ops'] },
        'sub-of-sales': { email: 'sally@acme.example', ...verified },
        'sub-of-liar': { email: 'owner@example.com', email_verified: false, groups: ['mail-ops'] },
        'sub-of-stranger': { email: 'who@elsewhere.example', ...verified, groups: ['others'] },
      },
      RETURN,
    ),
  )
  relay = running.use(
    await RunningRelay.start({
      commands: [['tenant', 'add', 'acme']],
      files: { 'oidc-secret': CLIENT_SECRET },
      config: `[login]
url = "${URL_OF_RELAY}"
[login.oidc]
issuer = "${provider.issuer}"
client_id = "${CLIENT_ID}"
client_secret_file = "oidc-secret"
[[login.oidc.grant]]
group = "mail-ops"
role = "operator"
installation = true
[[login.oidc.grant]]
email_domain = "acme.example"
role = "sender"
tenant = "acme"
`,
    }),
  )
  await api('POST', '/people', { email: 'owner@example.com', role: 'owner', ofInstallation: true })
})

after(() => running.disposeAsync())

async function api(method: string, path: string, body?: unknown) {
  const answer = await relay.ask(method, path, relay.adminKey, body)
  assert.ok(answer.status < 300, `${method} ${path}: ${answer.status}`)
  return answer.body
}

/** To the provider and back; gives what the relay says then. */
async function logIn(browser: ApiBrowser, account: string): Promise<Seen> {
  const begun = await browser.ask('GET', '/session/oidc')
  assert.equal(begun.status, 303, JSON.stringify(begun.body))
  return comeBack(browser, await provider.visit(begun.headers.get('location') ?? '', account))
}

/** The provider's page sends the browser: another site asks. */
function comeBack(browser: ApiBrowser, { href, search }: URL): Promise<Seen> {
  assert.ok(href.startsWith(`${RETURN}?`), href)
  return browser.ask('GET', `/session/oidc/return${search}`, undefined, {
    'sec-fetch-site': 'cross-site',
  })
}

describe('Over an OpenID provider', () => {
  it('somebody logs in whom an owner has added by the address that the provider has verified', async () => {
    const browser = new ApiBrowser(relay.api)
    const back = await logIn(browser, 'sub-of-owner')
    assert.deepEqual([back.status, back.headers.get('location')], [303, `${URL_OF_RELAY}/`])
    assert.equal(browser.cookie(COOKIE), null, 'what the browser kept is gone')
    const { person, session } = await browser.must('GET', '/session')
    assert.deepEqual(
      [person.email, person.role, person.tenant, session.proof],
      ['owner@example.com', 'owner', null, 'oidc'],
    )
    const shown = await api('GET', '/people/owner@example.com')
    assert.equal(shown.oidcIssuer, provider.issuer)
    // By issuer and subject from now on.
    await logIn(new ApiBrowser(relay.api), 'sub-of-owner')
    assert.equal((await api('GET', '/people')).items.length, 1)
  })

  it('groups and addresses become people with the role and tenant of the first grant that fits', async () => {
    for (const [account, email, role, tenant] of [
      ['sub-of-ops', 'ops@example.org', 'operator', null],
      ['sub-of-sales', 'sally@acme.example', 'sender', 'acme'],
    ] as const) {
      const browser = new ApiBrowser(relay.api)
      assert.equal((await logIn(browser, account)).status, 303)
      const { person } = await browser.must('GET', '/session')
      assert.deepEqual([person.email, person.role, person.tenant], [email, role, tenant])
    }
  })

  it('nobody is let in by an address that is not verified, nor without a grant', async () => {
    const liar = new ApiBrowser(relay.api)
    const back = await logIn(liar, 'sub-of-liar')
    const stranger = await logIn(new ApiBrowser(relay.api), 'sub-of-stranger')
    for (const { status, body } of [back, stranger])
      assert.deepEqual([status, body.code], [403, 'RLY_FORBIDDEN'])
    assert.equal((await liar.ask('GET', '/session')).status, 401)
  })

  it('a person who was disabled stays out', async () => {
    const browser = new ApiBrowser(relay.api)
    await logIn(browser, 'sub-of-sales')
    await api('PATCH', '/people/sally@acme.example', { isDisabled: true })
    assert.equal((await browser.ask('GET', '/session')).status, 401)
    assert.equal((await logIn(browser, 'sub-of-sales')).status, 403)
    await api('PATCH', '/people/sally@acme.example', { isDisabled: false })
  })

  it('a login that another browser began, or that is changed or replayed, is none', async () => {
    const victim = new ApiBrowser(relay.api)
    const attacker = new ApiBrowser(relay.api)
    const begun = await attacker.ask('GET', '/session/oidc')
    const url = await provider.visit(begun.headers.get('location') ?? '', 'sub-of-ops')
    // Login CSRF: the victim is led to the attacker's return.
    assert.equal((await comeBack(victim, url)).status, 401)
    const other = await victim.ask('GET', '/session/oidc')
    assert.equal(other.status, 303)
    assert.equal((await comeBack(victim, url)).status, 401, 'with a login of their own begun')
    const forged = new URL(url)
    forged.searchParams.set('state', 'made-up')
    assert.equal((await comeBack(attacker.copy(), forged)).status, 401)
    assert.equal((await comeBack(attacker.copy(), url)).status, 303)
    assert.equal((await comeBack(attacker.copy(), url)).status, 401, 'a code is good once')
    const noCode = new URL(`${RETURN}?error=access_denied&state=${url.searchParams.get('state')}`)
    assert.equal((await comeBack(attacker, noCode)).status, 401)
  })

  it('a cookie that is made up opens nothing', async () => {
    for (const cookie of ['x', 'A'.repeat(400), '']) {
      const browser = new ApiBrowser(relay.api)
      browser.setCookie(COOKIE, cookie)
      const seen = await browser.ask('GET', '/session/oidc/return?code=a&state=b')
      assert.deepEqual([seen.status, seen.body.code], [401, 'RLY_UNAUTHENTICATED'])
    }
  })

  it('asks for PKCE, state and nonce, and tells browsers that it is there', async () => {
    const browser = new ApiBrowser(relay.api)
    const { headers } = await browser.ask('GET', '/session/oidc')
    const { searchParams: asked } = new URL(headers.get('location') ?? '')
    assert.equal(asked.get('code_challenge_method'), 'S256')
    for (const name of ['state', 'nonce', 'code_challenge'])
      assert.ok((asked.get(name) ?? '').length >= 43, name)
    assert.equal(asked.get('redirect_uri'), RETURN)
    assert.deepEqual(await browser.must('GET', '/session/ways'), { password: true, oidc: true })
  })

  it('is in the audit log, with who logged in', async () => {
    const { items } = await api('GET', '/audit')
    const logins = items.filter(({ action }: { action: string }) => action === 'session.oidcReturn')
    assert.ok(logins.length > 0)
    assert.ok(logins.every(({ actor }: { actor: { kind: string } }) => actor.kind === 'person'))
  })
})
