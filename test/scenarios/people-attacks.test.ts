// SPDX-License-Identifier: Apache-2.0
/** What attackers try on people's logins, and what they get. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import { ApiBrowser } from '../support/api-browser.ts'
import { invite, loggedIn, PASSWORD } from '../support/people.ts'
import { RunningRelay } from '../support/running-relay.ts'

const COOKIE = '__Host-posthaste'

let relay: RunningRelay

before(async () => {
  relay = await RunningRelay.start({ commands: [['tenant', 'add', 'acme']] })
  await invite(relay, 'owner@example.com', '--role', 'owner', '--installation')
  await invite(relay, 'victim@example.com', '--role', 'owner', '--tenant', 'acme')
})

after(() => relay[Symbol.asyncDispose]())

const suppression = { entries: [{ address: 'a@b.example' }] }

/** With a Host that fetch would not send. */
async function raw(headers: Record<string, string>, body: unknown) {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const url = new URL(`${relay.api}/session`)
    const sent = request(url, { method: 'POST', headers }, resolve)
    sent.once('error', reject)
    sent.end(JSON.stringify(body))
  })
  return { status: answer.statusCode, body: JSON.parse(await text(answer)) }
}

describe('A page of another site', () => {
  for (const [what, headers] of [
    ['a form of another site', { 'sec-fetch-site': 'cross-site' }],
    ['a script of another site', { 'sec-fetch-site': 'cross-site', 'x-posthaste-login': '1' }],
    ['a sibling host', { 'sec-fetch-site': 'same-site', 'x-posthaste-login': '1' }],
    ['an older browser elsewhere', { origin: 'https://evil.example', 'x-posthaste-login': '1' }],
    ['a page without an origin', { origin: 'null', 'x-posthaste-login': '1' }],
    ['a form of a browser that says nothing', {}],
    [
      'a form of our own origin, which a page of ours does not have',
      { 'sec-fetch-site': 'same-origin' },
    ],
  ] as const)
    it(`does nothing with a person's cookie: ${what}`, async () => {
      const browser = await loggedIn(relay, 'victim@example.com')
      browser.headers = headers
      const seen = await browser.ask('POST', '/suppressions', suppression)
      assert.deepEqual([seen.status, seen.body.code], [403, 'RLY_FORBIDDEN'])
      const login = await browser.login('victim@example.com', PASSWORD)
      assert.equal(login.status, 403, 'nor does it log somebody in as another')
    })

  it('reads nothing with a cookie, and is never told that it may', async () => {
    const browser = await loggedIn(relay, 'victim@example.com')
    browser.headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
    const seen = await browser.ask('GET', '/suppressions')
    assert.equal(seen.status, 403)
    const preflight = await browser.ask('OPTIONS', '/suppressions')
    for (const { headers } of [seen, preflight])
      assert.equal(
        [...headers.keys()].find((name) => name.startsWith('access-control')),
        undefined,
      )
  })

  it('of our own origin may, also in a browser that sends Origin alone', async () => {
    const browser = await loggedIn(relay, 'victim@example.com')
    browser.headers = { origin: new URL(relay.api).origin, 'x-posthaste-login': '1' }
    assert.equal((await browser.ask('POST', '/suppressions', suppression)).status, 201)
  })
})

describe('A cookie', () => {
  for (const [what, cookie] of [
    ['is made up', 'A'.repeat(43)],
    ['is empty', ''],
    ['is longer than any', 'A'.repeat(4_000)],
    ['would be SQL', "' or 1=1 --"],
  ] as const)
    it(`that ${what} is nobody's`, async () => {
      const browser = new ApiBrowser(relay.api)
      browser.setCookie(COOKIE, cookie)
      assert.equal((await browser.ask('GET', '/session')).status, 401)
    })

  it('that differs in one letter is nobody’s', async () => {
    const browser = await loggedIn(relay, 'victim@example.com')
    const right = browser.cookie(COOKIE) ?? ''
    browser.setCookie(COOKIE, `${right.startsWith('A') ? 'B' : 'A'}${right.slice(1)}`)
    assert.equal((await browser.ask('GET', '/session')).status, 401)
  })

  it('by another name, which a sibling host could set, is not looked at', async () => {
    const browser = await loggedIn(relay, 'victim@example.com')
    const other = new ApiBrowser(relay.api)
    other.setCookie('posthaste', browser.cookie(COOKIE) ?? '')
    assert.equal((await other.ask('GET', '/session')).status, 401)
  })

  it('gives a bad key no rights, where both come', async () => {
    const browser = await loggedIn(relay, 'victim@example.com')
    const headers = { authorization: 'Bearer ph_AAAAAAAAAA_x' }
    assert.equal((await browser.ask('GET', '/session', undefined, headers)).status, 401)
  })
})

describe('Who logs in over a line that others can read', () => {
  const login = { email: 'victim@example.com', password: PASSWORD }
  const headers = { 'content-type': 'application/json', 'x-posthaste-login': '1' }

  it('is refused where the name is not this host: a name elsewhere may lead here', async () => {
    const { status, body } = await raw({ ...headers, host: 'rebound.example' }, login)
    assert.deepEqual([status, body.code], [403, 'RLY_FORBIDDEN'])
    assert.match(body.detail, /over TLS/)
  })

  it('is refused behind a proxy that nobody trusts, whatever it says', async () => {
    for (const more of [{ 'x-forwarded-for': '192.0.2.1' }, { 'x-forwarded-proto': 'https' }])
      assert.equal((await raw({ ...headers, ...more }, login)).status, 403)
  })
})

describe('Who guesses', () => {
  it('hears the same of an address that nobody has and of a wrong password', async () => {
    const browser = new ApiBrowser(relay.api)
    const unknown = await browser.login('nobody@example.com', 'wrong password')
    const known = await browser.login('owner@example.com', 'wrong password')
    assert.deepEqual(unknown.body, known.body)
    assert.equal(unknown.status, 401)
  })

  it('is soon not heard, and an event says so; who has been in before is', async () => {
    const browser = new ApiBrowser(relay.api)
    const familiar = await loggedIn(relay, 'victim@example.com')
    const seen: number[] = []
    for (let guess = 0; guess < 14; guess++)
      seen.push((await browser.login(`guess${guess % 2}@example.com`, `wrong ${guess}`)).status)
    assert.ok(
      seen.slice(0, 8).every((status) => status === 401),
      seen.join(),
    )
    assert.equal(seen.at(-1), 429, seen.join())
    const { headers, body } = await browser.login('guess0@example.com', 'wrong')
    assert.ok(Number(headers.get('retry-after')) > 0)
    assert.equal(body.code, 'RLY_RATE_LIMITED')
    await relay.waitForEvent(({ type }) => type === 'person.guessed')
    assert.equal((await familiar.login('victim@example.com', PASSWORD)).status, 200)
  })

  it('in a flood gets 503 or 429 and no more memory than one login takes', async () => {
    const before = await rssOf(relay.pid)
    const browser = new ApiBrowser(relay.api)
    const flood = Array.from({ length: 100 }, (_, at) =>
      browser.login(`flood${at}@example.com`, 'x'.repeat(200)),
    )
    const seen = (await Promise.all(flood)).map(({ status }) => status)
    assert.deepEqual(
      seen.filter((status) => ![401, 429, 503].includes(status)),
      [],
    )
    assert.ok(seen.filter((status) => status !== 401).length > 50, seen.join())
    const grown = (await rssOf(relay.pid)) - before
    assert.ok(grown < 100, `grew by ${grown} MiB`)
    assert.equal((await fetch(`${relay.api}/openapi.json`)).status, 200)
  })
})

/** MiB. */
async function rssOf(pid: number): Promise<number> {
  const [, kib = ''] = /VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kib) / 1_024
}
